//! Plans from the side of the commands: `propose` builds one with its card, `decide` confirms or cancels it. The rules
//! about states and pressers are in [`crate::plan`].

pub(crate) mod decide;
pub(crate) mod propose;
