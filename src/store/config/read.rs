//! The text of `stores.yaml` to its meaning.

use std::fmt;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use smol_str::SmolStr;

use super::variables::{Masked, Variables};
use super::{
    Config, Guard, Guards, KindConfig, LedgerConfig, ObjectConfig, Percent, Secret, StoreConfig,
};
use crate::schema::yaml::{self, Scalar, YamlError};
use crate::value::parse_duration;

const KINDS: [&str; 2] = ["sqlite", "memory"];
const LEDGER_KINDS: [&str; 1] = ["sqlite"];
const LEDGER_PATH: &str = ".bilateral/ledger.db";
const OVERLAP: &str = "60s";
const TOLERANCE: &str = "0s";
const RETENTION: &str = "30d";
const CONCURRENCY: u32 = 4;
const MAX_CONCURRENCY: u32 = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with the key `stores`")]
struct FileForm {
    name: Option<Scalar>,
    stores: IndexMap<SmolStr, StoreForm>,
    ledger: Option<LedgerForm>,
    retention: Option<Scalar>,
    #[serde(default)]
    guard: GuardsForm,
    #[serde(default)]
    secrets: IndexMap<SmolStr, Scalar>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a map that describes a store, such as `{ kind: sqlite, path: data.db }`"
)]
struct StoreForm {
    kind: Option<Scalar>,
    path: Option<Scalar>,
    #[serde(default)]
    objects: IndexMap<SmolStr, ObjectConfig>,
    overlap: Option<Scalar>,
    concurrency: Option<Scalar>,
    tolerance: Option<Scalar>,
    budget: Option<Scalar>,
}

#[derive(Deserialize, Default)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "a map such as `{ kind: sqlite, path: .bilateral/ledger.db }`"
)]
struct LedgerForm {
    kind: Option<Scalar>,
    path: Option<Scalar>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct GuardForm {
    delete: Option<Scalar>,
    blank: Option<Scalar>,
    create: Option<Scalar>,
}

/// The general limits and, beside them, those of relationships under their names.
#[derive(Default)]
struct GuardsForm {
    general: GuardForm,
    relationships: IndexMap<SmolStr, GuardForm>,
}

enum GuardEntry {
    Limit(Scalar),
    Relationship(GuardForm),
}

impl<'de> Deserialize<'de> for GuardEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;
        impl<'de> Visitor<'de> for Entry {
            type Value = GuardEntry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a share such as `5%`, or the limits of a relationship")
            }
            fn visit_str<E>(self, text: &str) -> Result<GuardEntry, E> {
                Ok(GuardEntry::Limit(Scalar(text.to_owned())))
            }
            fn visit_u64<E>(self, number: u64) -> Result<GuardEntry, E> {
                Ok(GuardEntry::Limit(Scalar(number.to_string())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<GuardEntry, E> {
                Ok(GuardEntry::Limit(Scalar(number.to_string())))
            }
            fn visit_f64<E>(self, number: f64) -> Result<GuardEntry, E> {
                Ok(GuardEntry::Limit(Scalar(number.to_string())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<GuardEntry, A::Error> {
                GuardForm::deserialize(MapAccessDeserializer::new(map))
                    .map(GuardEntry::Relationship)
            }
        }
        deserializer.deserialize_any(Entry)
    }
}

impl<'de> Deserialize<'de> for GuardsForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = GuardsForm;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map such as `{ delete: 5%, Lead: { delete: 50% } }`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GuardsForm, A::Error> {
                let mut guards = GuardsForm::default();
                while let Some((key, entry)) = map.next_entry::<SmolStr, GuardEntry>()? {
                    match (key.as_str(), entry) {
                        ("delete", GuardEntry::Limit(limit)) => guards.general.delete = Some(limit),
                        ("blank", GuardEntry::Limit(limit)) => guards.general.blank = Some(limit),
                        ("create", GuardEntry::Limit(limit)) => guards.general.create = Some(limit),
                        (_, GuardEntry::Limit(_)) => {
                            return Err(A::Error::unknown_field(
                                &key,
                                &["delete", "blank", "create"],
                            ));
                        }
                        (_, GuardEntry::Relationship(limits)) => {
                            guards.relationships.insert(key, limits);
                        }
                    }
                }
                Ok(guards)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// The kinds alone, whatever stands beside them: another kind's keys are no use to complain about.
#[derive(Deserialize)]
struct KindsForm {
    #[serde(default)]
    stores: IndexMap<SmolStr, KindForm>,
    #[serde(default)]
    ledger: KindForm,
}

#[derive(Deserialize, Default)]
struct KindForm {
    kind: Option<Scalar>,
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    masked: Masked,
    folder: PathBuf,
    variables: &'a dyn Fn(&str) -> Option<String>,
}

pub(super) fn parse(
    path: &Path,
    text: &str,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, YamlError> {
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let reader = Reader {
        path,
        text,
        masked: Masked::new(text),
        folder,
        variables,
    };
    if let Ok(kinds) = yaml::parse::<KindsForm>(path, &reader.masked.text) {
        reader.check_kinds(&kinds)?;
    }
    let form: FileForm =
        yaml::parse(path, &reader.masked.text).map_err(|error| reader.unmask(error))?;
    let mut stores = IndexMap::with_capacity(form.stores.len());
    for (name, store) in form.stores {
        stores.insert(name.clone(), reader.store(name, store)?);
    }
    let ledger = form.ledger.unwrap_or_default();
    let ledger_path = reader
        .text_at(&["ledger", "path"], ledger.path)?
        .unwrap_or_else(|| LEDGER_PATH.into());
    let mut secrets = IndexMap::with_capacity(form.secrets.len());
    for (name, secret) in form.secrets {
        let value = reader.expand(&["secrets", &name], &secret)?;
        secrets.insert(name, Secret(value));
    }
    Ok(Config {
        path: path.to_owned(),
        name: reader.text_at(&["name"], form.name)?.map(SmolStr::from),
        stores,
        ledger: LedgerConfig::Sqlite {
            path: reader.folder.join(ledger_path),
        },
        retention_ms: reader.duration(&["retention"], form.retention, RETENTION)?,
        guards: reader.guards(form.guard)?,
        secrets,
    })
}

impl Reader<'_> {
    fn wrong(&self, keys: &[&str], message: impl fmt::Display) -> YamlError {
        YamlError::Wrong {
            path: self.path.to_owned(),
            line: yaml::line_of(self.text, keys),
            message: format!("`{}`: {message}", keys.join(".")),
        }
    }

    fn expand(&self, keys: &[&str], scalar: &Scalar) -> Result<String, YamlError> {
        let variables = Variables {
            folder: &self.folder,
            environment: self.variables,
        };
        variables
            .expand(&self.masked.unmask(&scalar.0))
            .map_err(|missing| {
                self.wrong(
                    keys,
                    format_args!("`{}`: {}", missing.written, missing.reason),
                )
            })
    }

    fn unmask(&self, error: YamlError) -> YamlError {
        match error {
            YamlError::Wrong {
                path,
                line,
                message,
            } => YamlError::Wrong {
                path,
                line,
                message: self.masked.unmask(&message),
            },
            missing @ YamlError::Missing { .. } => missing,
        }
    }

    fn text_at(&self, keys: &[&str], scalar: Option<Scalar>) -> Result<Option<String>, YamlError> {
        scalar.map(|scalar| self.expand(keys, &scalar)).transpose()
    }

    fn check_kinds(&self, kinds: &KindsForm) -> Result<(), YamlError> {
        let check = |keys: &[&str], kind: &Option<Scalar>, known: &[&str]| match kind {
            None => Ok(()),
            Some(kind) => {
                let kind = self.expand(keys, kind)?;
                if known.contains(&kind.as_str()) {
                    return Ok(());
                }
                Err(self.wrong(
                    keys,
                    format_args!("unknown kind `{kind}`; {}", yaml::suggest(&kind, known)),
                ))
            }
        };
        for (name, store) in &kinds.stores {
            check(&["stores", name, "kind"], &store.kind, &KINDS)?;
        }
        check(&["ledger", "kind"], &kinds.ledger.kind, &LEDGER_KINDS)
    }

    fn store(&self, name: SmolStr, form: StoreForm) -> Result<StoreConfig, YamlError> {
        let store: &[&str] = &["stores", &name];
        let Some(kind) = form.kind else {
            return Err(self.wrong(
                store,
                format_args!(
                    "`kind` is missing; known: {}",
                    KINDS.map(|kind| format!("`{kind}`")).join(", ")
                ),
            ));
        };
        let kind = self.expand(&["stores", &name, "kind"], &kind)?;
        let path = self.text_at(&["stores", &name, "path"], form.path)?;
        let kind = match (kind.as_str(), path) {
            ("memory", None) => KindConfig::Memory,
            ("memory", Some(_)) => {
                return Err(self.wrong(&["stores", &name, "path"], "a store in memory has no path"));
            }
            (_, Some(path)) if !path.is_empty() => KindConfig::Sqlite {
                path: self.folder.join(path),
            },
            (_, _) => return Err(self.wrong(store, "`path` is missing: the SQLite file")),
        };
        let concurrency = match self.text_at(&["stores", &name, "concurrency"], form.concurrency)? {
            None => CONCURRENCY,
            Some(text) => match text.parse() {
                Ok(calls @ 1..=MAX_CONCURRENCY) => calls,
                _ => {
                    return Err(self.wrong(
                        &["stores", &name, "concurrency"],
                        format_args!("`{text}` is not a number from 1 to {MAX_CONCURRENCY}"),
                    ));
                }
            },
        };
        let budget = match form.budget {
            None => None,
            Some(share) => Some(self.percent(&["stores", &name, "budget"], &share)?),
        };
        Ok(StoreConfig {
            kind,
            objects: self.objects(&name, form.objects)?,
            overlap_ms: self.duration(&["stores", &name, "overlap"], form.overlap, OVERLAP)?,
            concurrency,
            tolerance_ms: self.duration(
                &["stores", &name, "tolerance"],
                form.tolerance,
                TOLERANCE,
            )?,
            budget,
            name,
        })
    }

    fn objects(
        &self,
        store: &str,
        mut objects: IndexMap<SmolStr, ObjectConfig>,
    ) -> Result<IndexMap<SmolStr, ObjectConfig>, YamlError> {
        for (name, object) in &mut objects {
            let ObjectConfig {
                table,
                id,
                modified,
                deleted,
                created,
            } = object;
            for (key, value) in [
                ("table", table),
                ("id", id),
                ("modified", modified),
                ("deleted", deleted),
                ("created", created),
            ] {
                if let Some(value) = value {
                    *value = self
                        .expand(
                            &["stores", store, "objects", name, key],
                            &Scalar(value.to_string()),
                        )?
                        .into();
                }
            }
        }
        Ok(objects)
    }

    fn duration(
        &self,
        keys: &[&str],
        scalar: Option<Scalar>,
        default: &str,
    ) -> Result<i64, YamlError> {
        let text = self
            .text_at(keys, scalar)?
            .unwrap_or_else(|| default.to_owned());
        parse_duration(&text).ok_or_else(|| {
            self.wrong(
                keys,
                format_args!("`{text}` is not a duration such as `90s`, `20m`, `2h` or `30d`"),
            )
        })
    }

    fn percent(&self, keys: &[&str], scalar: &Scalar) -> Result<Percent, YamlError> {
        let text = self.expand(keys, scalar)?;
        Percent::parse(&text)
            .ok_or_else(|| self.wrong(keys, format_args!("`{text}` is not a share such as `5%`")))
    }

    fn guards(&self, form: GuardsForm) -> Result<Guards, YamlError> {
        let default = self.guard(&["guard"], form.general, Guard::default())?;
        let mut relationships = IndexMap::with_capacity(form.relationships.len());
        for (name, limits) in form.relationships {
            let guard = self.guard(&["guard", &name], limits, default)?;
            relationships.insert(name, guard);
        }
        Ok(Guards {
            default,
            relationships,
        })
    }

    fn guard(&self, keys: &[&str], form: GuardForm, default: Guard) -> Result<Guard, YamlError> {
        let limit = |key: &str, scalar: Option<Scalar>, default: Percent| match scalar {
            None => Ok(default),
            Some(scalar) => self.percent(&[keys, &[key]].concat(), &scalar),
        };
        Ok(Guard {
            delete: limit("delete", form.delete, default.delete)?,
            blank: limit("blank", form.blank, default.blank)?,
            create: limit("create", form.create, default.create)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, YamlError> {
        parse(Path::new("work/stores.yaml"), text, &|name| match name {
            "DB" => Some("real.db".into()),
            "TOKEN" => Some("s3cret".into()),
            _ => None,
        })
    }

    fn complaint(text: &str) -> String {
        read(text).map_or_else(|error| error.to_string(), |_| "nothing is wrong".into())
    }

    #[test]
    fn a_full_file_is_read() {
        let config = read(
            "name: leads\nstores:\n  marketing:\n    kind: sqlite\n    path: ${DB}\n    objects: { Person: { table: tbl, id: nr } }\n    overlap: 2m\n    concurrency: 8\n    tolerance: 1s\n    budget: 80%\n  crm: { kind: sqlite, path: /data/crm.db }\nledger: { kind: sqlite, path: l.db }\nretention: 7d\nguard: { delete: 10%, Lead: { delete: 50%, create: 100% } }\nsecrets: { events: ${TOKEN}, post: \"${TOKEN}\" }\n",
        )
        .unwrap();
        let marketing = config.store("marketing").unwrap();
        assert_eq!(
            marketing.kind,
            KindConfig::Sqlite {
                path: "work/real.db".into()
            }
        );
        assert_eq!(
            (
                marketing.overlap_ms,
                marketing.concurrency,
                marketing.tolerance_ms
            ),
            (120_000, 8, 1_000)
        );
        assert_eq!(marketing.objects["Person"].table.as_deref(), Some("tbl"));
        assert_eq!(
            config.store("crm").unwrap().kind,
            KindConfig::Sqlite {
                path: "/data/crm.db".into()
            }
        );
        assert_eq!(
            config.ledger,
            LedgerConfig::Sqlite {
                path: "work/l.db".into()
            }
        );
        let lead = config.guards.of("Lead");
        assert_eq!(
            (lead.delete, lead.blank, lead.create),
            (Percent::from(50), Percent::from(20), Percent::from(100))
        );
        assert_eq!(config.guards.of("Contact").delete, Percent::from(10));
        assert_eq!(config.secrets["events"].expose(), "s3cret");
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let config =
            read("stores: { a: { kind: sqlite, path: a.db }, b: { kind: memory } }\n").unwrap();
        let store = config.store("a").unwrap();
        assert_eq!(
            (
                store.overlap_ms,
                store.concurrency,
                store.tolerance_ms,
                store.budget
            ),
            (60_000, 4, 0, None)
        );
        assert_eq!(
            config.ledger,
            LedgerConfig::Sqlite {
                path: "work/.bilateral/ledger.db".into()
            }
        );
        assert_eq!(
            (config.retention_ms, &config.guards),
            (30 * 86_400_000, &Guards::default())
        );
        assert!(
            config
                .store("c")
                .is_err_and(|error| error.to_string().contains("there is no store `c`"))
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let store = |entries: &str| {
            format!("stores:\n  a: {{ kind: sqlite, path: a.db }}\n  b: {{ {entries} }}\n")
        };
        let beside = |entries: &str| format!("stores: {{}}\n{entries}\n");
        let said = [
            complaint(&store("kind: sqlite, pth: b.db")),
            complaint(&store("kind: sqllite, path: b.db")),
            complaint(&store(
                "kind: salesforce, instance_url: x, auth: { flow: jwt }",
            )),
            complaint(&store("kind: sqlite")),
            complaint(&store("path: b.db")),
            complaint(&store("kind: sqlite, path: \"${NONE}\"")),
            complaint(&store("kind: sqlite, path: \"${file:none.txt}\"")),
            complaint(&store("kind: sqlite, path: b.db, overlap: soon")),
            complaint(&store("kind: sqlite, path: b.db, concurrency: 0")),
            complaint(&store("kind: sqlite, path: b.db, budget: 80")),
            complaint(&store(
                "kind: sqlite, path: b.db, objects: { t: { tabel: x } }",
            )),
            complaint(&store("kind: sqlite, path: [b.db]")),
            complaint(&beside("guard: { delte: 5% }")),
            complaint(&beside("guard: { delete: 5 }")),
            complaint(&beside("guard: { Lead: { delte: 5% } }")),
            complaint(&beside("retention: 30")),
            complaint(&beside("ledger: { kind: postgres, url: x }")),
            complaint(&beside("secrets: { events: \"${EVENT_SECRET}\" }")),
            complaint(&beside("secrets: { ${A}: x, b: [${EVENT_SECRET}] }")),
            complaint(&beside("store: {}")),
            complaint("name: x\n"),
            complaint("stores: [a]\n"),
            complaint("stores:\n  a: {\n"),
            complaint(""),
        ];
        insta::assert_snapshot!(said.join("\n"));
    }
}
