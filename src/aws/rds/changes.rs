//! What of a change goes into one Modify request: the properties that change, those that RDS wants beside them, and the
//! defaults of those that are taken away.

use serde_json::Value as Json;

use crate::{
    aws::convert::{Changed, Wanted, fresh},
    base::{Doc, Path, PhysicalId},
    catalogue::Catalogue,
    driver::{Change, Result},
};

/// What is left to do after the call that made an object, of the properties that `is_left` names: those that are not as
/// wanted, AWS's ways of writing the same considered.
pub fn left_over(
    type_name: &str,
    made: (&PhysicalId, impl Into<Doc>),
    want: &Doc,
    is_left: impl Fn(&str) -> bool,
) -> Change {
    let mut rest = fresh(made.0, made.1, want);
    let kind = Catalogue::embedded().get(type_name);
    let Change { before, paths, .. } = &mut rest;
    let is_same = |path: &Path, name: &str| match (&kind, want.get(name), before.get(name)) {
        (Some(kind), Some(wanted), Some(live)) => kind.same(path, wanted, live) || is_version_of(name, wanted, live),
        _ => false,
    };
    paths.retain(|path| path.property().is_some_and(|name| is_left(name) && !is_same(path, name)));
    rest
}

/// Whether a version is one of those that are meant by fewer of its numbers: 16.6 is a 16.
fn is_version_of(name: &str, wanted: &Json, live: &Json) -> bool {
    let rest = wanted.as_str().zip(live.as_str()).and_then(|(wanted, live)| live.strip_prefix(wanted));
    name == "EngineVersion" && rest.is_some_and(|rest| rest.starts_with('.'))
}

/// The properties to send. Of each of `together`, all are sent if one changes. A property that is taken away gets its value
/// of `defaults`; one without stays as it is, as AWS has no word for "none" there.
pub fn to_send(change: &Change, together: &[&[&str]], defaults: &Json) -> Doc {
    let changed: Vec<&str> = change.paths.iter().filter_map(Path::property).collect();
    let beside = together.iter().filter(|group| group.iter().any(|name| changed.contains(name))).copied().flatten();
    let mut doc = Doc::default();
    for name in changed.iter().copied().chain(beside.copied()) {
        let default = defaults.get(name).filter(|_| changed.contains(&name));
        let has_it = |value: &&Json| change.before.get(name).is_some_and(|live| is_version_of(name, value, live));
        if let Some(value) = change.want.get(name).or(default).filter(|value| !has_it(value)) {
            doc.0.insert(name.to_owned(), value.clone());
        }
    }
    doc
}

/// Refuses other values for what only counts while an object is made. Taking them away means nothing, and is nothing.
pub fn refuse_another(changed: &Changed<'_>, properties: &[&str]) -> Result<()> {
    let another: Vec<&str> = properties.iter().copied().filter(|name| changed.want.raw(name).is_some()).collect();
    changed.refuse(&another)
}

/// The password to send: a new one, or the one that takes the place of a managed secret.
pub fn password(changed: &Changed<'_>) -> Result<Option<String>> {
    let is_unmanaged = changed.flag("ManageMasterUserPassword", false)? == Some(false);
    if is_unmanaged || changed.touches("MasterUserPassword") {
        changed.want.text("MasterUserPassword")
    } else {
        Ok(None)
    }
}

/// The key of the managed secret, which is chosen when RDS takes over the password and stays from then on.
pub fn secret_key(changed: &Changed<'_>) -> Result<Option<String>> {
    let key = |document: &Wanted<'_>| match document.inner("MasterUserSecret")? {
        Some(secret) => secret.text::<String>("KmsKeyId"),
        None => Ok(None),
    };
    let wanted = key(&changed.want)?;
    let is_managed = changed.want.flag("ManageMasterUserPassword")?.unwrap_or_default();
    match changed.flag("ManageMasterUserPassword", false)? {
        Some(true) => Ok(wanted),
        None if is_managed && changed.touches("MasterUserSecret") && wanted.is_some() => Err(changed.want.invalid(
            "the key of a managed secret cannot be changed; set `ManageMasterUserPassword: false` and a password in \
                 one run, then manage it again with the new key in the next",
        )),
        _ => Ok(None),
    }
}

/// Roles that a change takes and gives: feature and ARN of each.
pub struct RoleChange {
    pub take: Vec<(String, String)>,
    pub give: Vec<(String, String)>,
}

/// What a change does to `AssociatedRoles`.
pub fn role_change(changed: &Changed<'_>) -> Result<RoleChange> {
    let roles = |document: &Wanted<'_>| {
        let role = |role: &Wanted<'_>| -> Result<(String, String)> {
            Ok((role.text("FeatureName")?.unwrap_or_default(), role.text("RoleArn")?.unwrap_or_default()))
        };
        document.items("AssociatedRoles")?.iter().map(role).collect::<Result<Vec<_>>>()
    };
    if !changed.touches("AssociatedRoles") {
        return Ok(RoleChange { take: Vec::new(), give: Vec::new() });
    }
    let (want, before) = (roles(&changed.want)?, roles(&changed.before)?);
    let take = before.iter().filter(|role| !want.contains(role)).cloned().collect();
    Ok(RoleChange { take, give: want.into_iter().filter(|role| !before.contains(role)).collect() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_named_and_not_as_wanted_is_left_over() {
        let want = json!({"EngineVersion": "16", "BackupRetentionPeriod": "3", "Port": 1, "PromotionTier": 2}).into();
        let live =
            Doc::from(json!({"EngineVersion": "16.6", "BackupRetentionPeriod": 3, "Port": 2, "PromotionTier": 1}));
        let is_left = |name: &str| name != "Port";
        let rest = left_over("AWS::RDS::DBInstance", (&PhysicalId("main".into()), live), &want, is_left);
        assert_eq!(rest.paths, [Path::key("PromotionTier")]);
    }

    fn change(before: Json, want: Json, paths: &[&str]) -> Change {
        let paths = paths.iter().map(|path| path.parse().unwrap()).collect();
        Change { id: PhysicalId("main".into()), before: before.into(), want: want.into(), paths }
    }

    #[test]
    fn what_belongs_together_is_sent_together_and_what_is_taken_away_by_its_default() {
        let before = json!({"Iops": 1000, "Port": 1, "DeletionProtection": true, "PreferredBackupWindow": "a"});
        let want = json!({"Iops": 2000, "AllocatedStorage": 100, "Port": 1});
        let paths = ["Iops", "DeletionProtection", "PreferredBackupWindow"];
        let defaults = json!({"DeletionProtection": false, "AllocatedStorage": 5});
        let sent = to_send(&change(before, want, &paths), &[&["AllocatedStorage", "Iops"], &["Port"]], &defaults);
        assert_eq!(sent, json!({"Iops": 2000, "AllocatedStorage": 100, "DeletionProtection": false}).into());
    }

    #[test]
    fn a_version_that_the_database_has_is_not_asked_for() {
        let send = |want: &str| {
            let change = change(json!({"EngineVersion": "16.6"}), json!({"EngineVersion": want}), &["EngineVersion"]);
            to_send(&change, &[], &json!({}))
        };
        assert_eq!(send("16"), Doc::default());
        assert_eq!(send("1"), json!({"EngineVersion": "1"}).into());
        assert_eq!(send("17"), json!({"EngineVersion": "17"}).into());
    }

    #[test]
    fn a_password_that_is_not_managed_any_more_is_sent_although_it_did_not_change() {
        let before = json!({"ManageMasterUserPassword": true});
        let change = change(before, json!({"MasterUserPassword": "p"}), &["ManageMasterUserPassword"]);
        assert_eq!(password(&Changed::new("T", &change)).unwrap().as_deref(), Some("p"));
    }

    #[test]
    fn the_key_of_a_secret_is_chosen_once() {
        let document = |key: &str| json!({"ManageMasterUserPassword": true, "MasterUserSecret": {"KmsKeyId": key}});
        let managed = change(json!({}), document("a"), &["ManageMasterUserPassword", "MasterUserSecret"]);
        assert_eq!(secret_key(&Changed::new("T", &managed)).unwrap().as_deref(), Some("a"));
        let another = change(document("a"), document("b"), &["MasterUserSecret.KmsKeyId"]);
        assert!(secret_key(&Changed::new("T", &another)).unwrap_err().to_string().contains("cannot be changed"));
    }

    #[test]
    fn only_roles_that_differ_are_taken_and_given() {
        let roles = |list: &[&str]| json!({"AssociatedRoles": list.iter().map(|arn| json!({"RoleArn": arn})).collect::<Json>()});
        let change = change(roles(&["a", "b"]), roles(&["b", "c"]), &["AssociatedRoles[0].RoleArn"]);
        let RoleChange { take, give } = role_change(&Changed::new("T", &change)).unwrap();
        assert_eq!((take, give), (vec![(String::new(), "a".into())], vec![(String::new(), "c".into())]));
    }
}
