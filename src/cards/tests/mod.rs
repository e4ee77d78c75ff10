//! What holds for every card: the samples, their drawings, validity and safety.

mod drawings;
mod gallery;
mod injection;
mod samples;
mod sentences;
mod validity;
mod views;
