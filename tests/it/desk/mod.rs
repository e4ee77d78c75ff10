//! The device desk through chat.

mod activation;
mod additions;
mod help;
mod tags;
mod tags_of_many;
