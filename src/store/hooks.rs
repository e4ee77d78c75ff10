//! The moments around a commit, for tests: they can look on there, end the process, or make the write fail.
//!
//! Nothing happens at them in production. What the operator sets has no way to here.

use std::fmt;
use std::sync::Arc;

use super::StoreError;

/// A moment of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommitPoint {
    /// Everything is written down and nothing of it is kept yet.
    BeforeCommit,
    /// It is on the disk, and who waits for it does not know that yet.
    AfterCommit,
}

type Hook = dyn Fn(CommitPoint, &'static str) -> Result<(), StoreError> + Send + Sync;

/// What is called at each moment of each write; nothing unless a test says so. Cheap to clone.
#[derive(Clone, Default)]
pub struct TestHooks(Option<Arc<Hook>>);

impl TestHooks {
    /// Calls this with the moment and the name of the write: the method of the store that makes it, such as
    /// `record`. An error before the commit takes the write back; after it, the answer to the commit is lost.
    pub fn new(
        hook: impl Fn(CommitPoint, &'static str) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn call(
        &self,
        moment: CommitPoint,
        name: impl FnOnce() -> &'static str,
    ) -> Result<(), StoreError> {
        self.0.as_ref().map_or(Ok(()), |hook| hook(moment, name()))
    }
}

impl fmt::Debug for TestHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "TestHooks(set)" } else { "TestHooks(none)" })
    }
}

/// The name of a write: of the function that its closure stands in.
pub(super) fn name_of<F>() -> &'static str {
    let path = std::any::type_name::<F>();
    path.trim_end_matches("::{{closure}}").rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name<F: Fn()>(_write: &F) -> &'static str {
        name_of::<F>()
    }

    async fn record_something() -> &'static str {
        std::future::ready(name(&|| ())).await
    }

    #[tokio::test]
    async fn a_write_is_named_by_the_method_that_makes_it() {
        assert_eq!(record_something().await, "record_something");
    }
}
