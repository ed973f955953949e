//! The tags of everything that we create.

/// The design's tags as a list of an SDK's own type of tag: each service has its own.
macro_rules! tags_as {
    ($tag:ty, $design:expr) => {
        $design
            .all_tags()
            .into_iter()
            .map(|(key, value)| {
                <$tag>::builder()
                    .key(key)
                    .value(value)
                    .build()
                    .expect("key and value are set")
            })
            .collect::<Vec<$tag>>()
    };
}

pub(crate) use tags_as;
