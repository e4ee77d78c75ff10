//! The language as a table of lines, what holds for every line, and the order and the pages of lists.

mod errors;
mod fleet;
mod language;
mod lists;
mod properties;
