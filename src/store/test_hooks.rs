//! For tests only: fault injection around commits. A test can observe a commit, end the process there, or fail it.
//!
//! Without hooks nothing happens, and no setting of an operator can add any.

use std::fmt;
use std::sync::Arc;

use super::StoreError;

/// A point around the commit of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommitPoint {
    /// The write has run and is not committed yet.
    BeforeCommit,
    /// The write is on the disk, and its caller does not know yet.
    AfterCommit,
}

type Hook = dyn Fn(CommitPoint, &'static str) -> Result<(), StoreError> + Send + Sync;

/// A function that is called around each commit; none unless a test sets one. Cheap to clone.
#[derive(Clone, Default)]
pub struct TestHooks(Option<Arc<Hook>>);

impl TestHooks {
    /// Calls `hook` with the point and the name of the write: the method of the store that makes it, such as `record`.
    /// An error before the commit rolls the write back; after it, the caller gets the error instead of the result.
    pub fn new(
        hook: impl Fn(CommitPoint, &'static str) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn call(
        &self,
        point: CommitPoint,
        name: impl FnOnce() -> &'static str,
    ) -> Result<(), StoreError> {
        self.0.as_ref().map_or(Ok(()), |hook| hook(point, name()))
    }
}

impl fmt::Debug for TestHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "TestHooks(set)" } else { "TestHooks(none)" })
    }
}

/// The name of a write: of the function that its closure is in.
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
    async fn a_write_has_the_name_of_its_method() {
        assert_eq!(record_something().await, "record_something");
    }
}
