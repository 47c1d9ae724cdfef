//! What external actions have posted, against what a test states.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_yaml::Value as Yaml;

use super::values::{Names, Stated};
use crate::apply::post::Message;
use crate::value::{Type, Value, from_json};

/// A post: only the members named are compared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostText {
    pub url: Option<String>,
    pub body: Option<IndexMap<String, Yaml>>,
}

/// Each stated post takes one found one, in any order; none may be left on either side.
pub fn differences(stated: &[PostText], found: &[Message], names: &mut Names) -> Vec<String> {
    let mut left: Vec<&Message> = found.iter().collect();
    let mut wrong = Vec::new();
    let mut stated: Vec<&PostText> = stated.iter().collect();
    // The ones that leave least open take theirs first.
    stated.sort_by_key(|post| std::cmp::Reverse(post.body.as_ref().map_or(0, IndexMap::len)));
    for post in stated {
        let place = left.iter().position(|found| {
            let mut tried = names.clone();
            let fits = meets(post, found, &mut tried);
            if fits {
                *names = tried;
            }
            fits
        });
        match place {
            Some(place) => drop(left.remove(place)),
            None => wrong.push(format!(
                "posts: expected {}, but it was not posted",
                shown(post)
            )),
        }
    }
    wrong.extend(left.iter().map(|found| {
        format!(
            "posts: not expected: {{ url: {}, body: {} }}",
            found.url, found.body
        )
    }));
    wrong
}

fn meets(stated: &PostText, found: &Message, names: &mut Names) -> bool {
    if stated.url.as_ref().is_some_and(|url| *url != found.url) {
        return false;
    }
    let Some(members) = &stated.body else {
        return true;
    };
    let body = serde_json::from_str(&found.body).map(|json| from_json(&json));
    let Ok(Value::Object(body)) = body else {
        return false;
    };
    members.iter().all(|(name, yaml)| {
        let value = body.get(name.as_str());
        match (Stated::read(yaml), value) {
            (Ok(stated), Some(value)) => stated.meets(value, &Type::Any, names),
            _ => false,
        }
    })
}

fn shown(post: &PostText) -> String {
    let members = post.body.iter().flatten().map(|(name, value)| {
        let value = serde_yaml::to_string(value).unwrap_or_default();
        format!("{name}: {}", value.trim())
    });
    let members: Vec<String> = members.collect();
    format!(
        "{{ url: {}, body: {{ {} }} }}",
        post.url.as_deref().unwrap_or("any"),
        members.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(stated: &str, bodies: &[&str]) -> Vec<String> {
        let stated: Vec<PostText> = serde_yaml::from_str(stated).unwrap();
        let found: Vec<Message> = bodies
            .iter()
            .map(|body| Message {
                url: "https://a.example/hook".into(),
                body: (*body).into(),
                key: "k".into(),
            })
            .collect();
        differences(&stated, &found, &mut Names::default())
    }

    #[test]
    fn posts_are_complete_and_in_any_order() {
        let bodies = [r#"{"id":1,"tags":["a"]}"#, r#"{"id":2}"#];
        assert_eq!(
            wrong("[{ body: { id: 2 } }, { body: { id: 1 } }]", &bodies),
            [""; 0]
        );
        assert_eq!(
            wrong("[{ url: https://a.example/hook }, {}]", &bodies),
            [""; 0]
        );
        assert_eq!(
            wrong(
                "[{ body: { id: 1, tags: [a] } }, { body: { id: $n } }]",
                &bodies
            ),
            [""; 0]
        );
        assert_eq!(wrong("[{ body: { id: 3 } }]", &bodies).len(), 3);
        assert_eq!(wrong("[{ body: { other: 1 } }, {}]", &bodies).len(), 2);
        assert_eq!(wrong("[]", &bodies).len(), 2);
    }
}
