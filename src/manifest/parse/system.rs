//! The map `system`.

use super::{keys, place::Place, shape::Decoder};
use crate::manifest::{
    flag::Flag,
    system::{PackageName, System},
};

impl Decoder<'_> {
    pub(super) fn system(&mut self, place: &Place) -> Option<System> {
        let fields = self.map(place, &keys::SYSTEM)?;
        let help = "name what to install: `packages: [ffmpeg]`";
        self.require(place, &fields, &keys::SYSTEM, "packages", help);
        let packages = self.parsed_list::<PackageName>(fields.get("packages"));
        let recommends = fields.get("recommends").and_then(|flag| self.parsed::<Flag>(flag));
        Some(System {
            span: place.node.span,
            packages: packages.into_iter().map(|it| it.map(PackageName::into_string)).collect(),
            recommends: recommends.is_some_and(|flag| flag.value.0),
        })
    }
}
