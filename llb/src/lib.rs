//! LLB as values.
