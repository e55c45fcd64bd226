//! What the library promises, through its public functions.

mod published;
