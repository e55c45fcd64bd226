//! The part of BuildKit's interface that a frontend speaks.
