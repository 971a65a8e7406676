//! Asks about objects one by one, where an API knows no other way.

use futures::{StreamExt, TryStreamExt, stream};

use crate::driver::Result;

/// How many requests of one call are under way together.
const AT_ONCE: usize = 8;

/// The outcomes of all `requests`, in their order; the first fault ends it.
pub fn each<T>(
    requests: impl IntoIterator<Item = impl Future<Output = Result<T>>>,
) -> impl Future<Output = Result<Vec<T>>> {
    let requests: Vec<_> = requests.into_iter().collect();
    stream::iter(requests).buffered(AT_ONCE).try_collect()
}
