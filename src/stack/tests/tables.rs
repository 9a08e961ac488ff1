use super::*;

#[test]
fn every_table_may_say_how_it_comes_and_goes() {
    let text = r#"[stack]
name = "films"

[vars]
protect = true

[buckets.data]
prevent_destroy = "${vars.protect}"
adopt = true

[databases.lake]
force_destroy = true

[crawlers.films]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/"]
prevent_destroy = true
"#;
    let stack = load_with(text, Inputs::default()).expect("a valid stack");
    let terms: Vec<String> = stack
        .resources
        .iter()
        .map(|declared| {
            let terms = declared.lifecycle;
            format!(
                "{} {} {} {}",
                declared.resource.address(),
                terms.prevent_destroy,
                terms.force_destroy,
                terms.adopt
            )
        })
        .collect();
    assert_eq!(
        terms,
        [
            "buckets.data true false true",
            "databases.lake false true false",
            "crawlers.films.role true false false",
            "crawlers.films true false false",
        ]
    );
}

#[test]
fn a_misspelt_key_is_taken_for_the_one_that_was_meant() {
    let text = r#"[stack]
name = "films"

[buckets.data]
prevent_destory = true
ExpireAfterDays = 3
force_destroy = "yes"
"#;
    insta::assert_snapshot!(load_with(text, Inputs::default()).expect_err("mistakes"), @r"
    5:1 unknown key `prevent_destory` | [buckets.data] has no such key | did you mean `prevent_destroy`?
    6:1 unknown key `ExpireAfterDays` | [buckets.data] has no such key | did you mean `expire_after_days`?
    7:17 `force_destroy` is true or false, not `yes` | expected true or false | -
    ");
}

#[test]
fn a_name_that_comes_of_an_id_is_checked_like_one_that_is_written() {
    let long = "x".repeat(62);
    let text =
        format!("[stack]\nname = \"films\"\n[roles.{long}]\ntrust = [\"glue.amazonaws.com\"]\n");
    let mistakes = load_with(&text, Inputs::default()).expect_err("mistakes");
    assert!(mistakes.starts_with("3:8 "), "{mistakes}");
    assert!(
        mistakes.contains("a role's name has 1 to 64 of"),
        "{mistakes}"
    );
}

#[test]
fn what_refers_to_itself_is_told_so() {
    let text = "[stack]\nname = \"films\"\n[buckets.a]\nname = \"x-${buckets.a}\"\n";
    insta::assert_snapshot!(load_with(text, Inputs::default()).expect_err("mistakes"), @r"
    4:11 `buckets.a` refers to itself | it would have to be there before it is made | -
    ");
}

#[test]
fn a_brace_that_is_meant_as_it_is_is_told_how_to_be_written() {
    let text = r#"[stack]
name = "films"

[roles.reader]
trust = ["glue.amazonaws.com"]
[roles.reader.inline.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::x/${aws:username}" }]

[databases.lake]
description = "${year"
"#;
    insta::assert_snapshot!(load_with(text, Inputs::default()).expect_err("mistakes"), @r"
    8:86 `aws:username` is no reference | write ${KIND.ID}, ${KIND.ID.ATTRIBUTE}, ${vars.NAME}, ${env.NAME}, ${stack.name} or ${aws.region} | write $${ for a `${` that is meant as it is
    11:15 a reference does not end | `${` without `}` | write $${ for a `${` that is meant as it is
    ");
}

#[test]
fn a_kind_says_of_its_resources_what_only_a_new_one_can_take() {
    let stack = load(&folder(), WHOLE).expect("a valid stack");
    for declared in &stack.resources {
        let resource = &declared.resource;
        let kind = crate::resource::kind(resource.kind()).expect("it is listed");
        assert_eq!(
            resource.replaced_by(),
            kind.replaced_by(),
            "{}: `replaced_by` is the kind's, so that docs/kinds.md can list it",
            kind.name()
        );
    }
}

/// What docs/kinds.md is made of.
#[test]
fn every_key_of_every_kind_says_what_it_sets_in_aws() {
    let missing: Vec<String> = reference()
        .into_iter()
        .filter(|table| crate::resource::kind(table.name).is_some())
        .flat_map(|table| {
            let keys = table.keys.into_iter().filter(|key| key.aws.is_none());
            keys.map(move |key| format!("{}.{}", table.name, key.path))
        })
        .collect();
    assert!(missing.is_empty(), "without x-aws: {}", missing.join(", "));
}

#[test]
fn a_number_that_is_too_large_is_told_at_its_place() {
    let told = |number: &str| {
        let text =
            format!("[stack]\nname = \"films\"\n\n[buckets.data]\nexpire_after_days = {number}\n");
        load_with(&text, Inputs::default()).expect_err("a mistake")
    };
    assert_eq!(
        told("9_999_999_999"),
        "5:21 `expire_after_days` is too large | at most 2147483647 | -"
    );
    assert_eq!(
        told("99999999999999999999"),
        "5:21 99999999999999999999 is beyond 64 bits | an integer is at most 9223372036854775807 | -"
    );
    assert_eq!(
        told("-99999999999999999999"),
        "5:21 -99999999999999999999 is beyond 64 bits | an integer is at least -9223372036854775808 | -"
    );
}

#[test]
fn a_file_that_is_not_utf_8_is_told_with_the_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stack.toml");
    std::fs::write(&path, b"[stack]\nname = \"caf\xe9\"\n").expect("a file");
    let told = in_lines(&Document::load(&path).expect_err("a mistake"));
    assert!(told.starts_with("2:12 "), "{told}");
    assert!(
        told.ends_with(
            "stack.toml is not UTF-8 | the byte 0xe9 is no text | save the file as UTF-8"
        ),
        "{told}"
    );
}
