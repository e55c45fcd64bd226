//! The part of BuildKit's interface that a frontend speaks: LLB, and the
//! gateway through which a frontend asks the daemon.
//!
//! The types are generated from the files in `proto/`, which list the
//! interface's facts in our own words; `tests/fresh.rs` makes them again. Maps
//! are `BTreeMap`s, so a message has one encoding.
//!
//! ```
//! use buildkit_proto::{gateway::SolveRequest, pb};
//! use prost::Message;
//!
//! let source = pb::SourceOp {
//!     identifier: "docker-image://docker.io/library/debian:12".into(),
//!     ..pb::SourceOp::default()
//! };
//! let op = pb::Op { op: Some(pb::op::Op::Source(source)), ..pb::Op::default() };
//! let definition = pb::Definition { def: vec![op.encode_to_vec()], ..pb::Definition::default() };
//! let request = SolveRequest { definition: Some(definition), ..SolveRequest::default() };
//! assert_eq!(SolveRequest::decode(request.encode_to_vec().as_slice()), Ok(request));
//! ```
//!
//! [`gateway::llb_bridge_client`] is the frontend's half of the service. The
//! feature `server` adds the daemon's half, for tests.

pub use self::{
    fsutil::types as stat,
    google::{protobuf, rpc},
    moby::buildkit::v1::{apicaps, frontend as gateway, sourcepolicy, types},
};

/// LLB: the ops and the definition that holds them.
#[allow(missing_docs, clippy::all, clippy::pedantic)]
pub mod pb {
    include!("generated/pb.rs");
}

// The generated code names other packages by their place in this tree.
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
mod moby {
    pub mod buildkit {
        pub mod v1 {
            pub mod apicaps {
                include!("generated/moby.buildkit.v1.apicaps.rs");
            }
            pub mod frontend {
                include!("generated/moby.buildkit.v1.frontend.rs");
            }
            pub mod sourcepolicy {
                include!("generated/moby.buildkit.v1.sourcepolicy.rs");
            }
            pub mod types {
                include!("generated/moby.buildkit.v1.types.rs");
            }
        }
    }
}

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
mod google {
    pub mod protobuf {
        include!("generated/google.protobuf.rs");
    }
    pub mod rpc {
        include!("generated/google.rpc.rs");
    }
}

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
mod fsutil {
    pub mod types {
        include!("generated/fsutil.types.rs");
    }
}
