//! Plans that commands propose, and what follows when one is confirmed or canceled.
pub(crate) mod decide;
pub(crate) mod propose;
