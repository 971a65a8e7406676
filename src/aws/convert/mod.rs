//! From documents to requests and from answers to documents: the part of a driver that is the same for every type.

mod each;
mod identity;
mod observed;
mod part;
mod tags;
mod wanted;

pub use each::each;
pub use identity::{identities, in_order, made, only_id, pending, sole, visible};
pub use observed::{Observed, same_document};
pub use part::{Finished, Part, Reported};
pub(crate) use part::{structures, unions, words};
pub use tags::{
    TagChange, all_tags, all_tags_in, is_users, tag_change, tag_change_in, user_tags, visible_tag_map, visible_tags,
};
pub use wanted::{Changed, Wanted, fresh};
