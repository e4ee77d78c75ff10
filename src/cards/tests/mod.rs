//! Tests of all cards: samples, their drawings and sentences, validity, and safety from outside text.

mod drawings;
mod gallery;
mod injection;
mod samples;
mod sentences;
mod validity;
mod views;
