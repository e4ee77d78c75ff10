//! The language as tables of lines, properties of every line, and the order and pages of lists.

mod errors;
mod fleet;
mod language;
mod lists;
mod properties;
