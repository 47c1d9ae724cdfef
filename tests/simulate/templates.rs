//! The programs that are simulated: what a rule file of each kind looks like, and what must come of it.

use std::sync::{Arc, OnceLock};

use bilateral::check::{Input, check};
use bilateral::diagnostic::{Severity, SourceMap, render};
use bilateral::program::Program;
use bilateral::schema::{StoreSchema, parse_file};
use bilateral::syntax;

/// What values a field takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Text,
    Number,
    Bool,
    /// One of the left members of a value map (and its right member on the right).
    Member(&'static [(&'static str, &'static str)]),
    /// Cents on the left, euros on the right.
    Money,
    /// Refers to a record of this pair.
    Reference(usize),
}

/// What both sides must agree on in the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Agree {
    /// Whoever changed it: the last value of one of them.
    Either,
    /// The left side's.
    Push,
    /// The right side's.
    Pull,
    /// The greatest ever seen.
    Max,
    /// Once true, always true.
    True,
    /// As `Either`, or it is in the conflict list.
    Manual,
}

#[derive(Debug, Clone, Copy)]
pub struct Shared {
    pub fields: [&'static str; 2],
    pub kind: Kind,
    pub agree: Agree,
}

/// Two objects of which records are linked. Each record has a mark that no other has, which goes over with it.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    pub relationship: &'static str,
    pub objects: [&'static str; 2],
    pub fields: &'static [Shared],
    /// Sides on which users make records.
    pub made: [bool; 2],
    /// Sides on which users delete records.
    pub deleted: [bool; 2],
    /// Other fields that users set on a side when they make a record, and from time to time after.
    pub extra: &'static [(usize, &'static str, &'static [&'static str])],
    /// A record that is on one side only is a loss, unless it is listed.
    pub crosses: [bool; 2],
}

#[derive(Debug)]
pub struct Template {
    pub name: &'static str,
    left: &'static str,
    right: &'static str,
    rules: &'static str,
    pub pairs: &'static [Pair],
    /// `create once` without a mark: the object on the right that has one record for each left one.
    pub once: Option<(&'static str, &'static str)>,
    /// A trigger makes one record of the first object for each new left record, and never two of the second; their fields with its mark.
    pub fired: Option<[(&'static str, &'static str); 2]>,
}

const fn text(left: &'static str, right: &'static str) -> Shared {
    shared(left, right, Kind::Text, Agree::Either)
}

const fn shared(left: &'static str, right: &'static str, kind: Kind, agree: Agree) -> Shared {
    Shared {
        fields: [left, right],
        kind,
        agree,
    }
}

const PAIR: Pair = Pair {
    relationship: "Person",
    objects: ["person", "Contact"],
    fields: &[text("name", "Name"), text("city", "City")],
    made: [true, true],
    deleted: [false, false],
    extra: &[],
    crosses: [true, true],
};

const PERSON: &str = "
objects:
  person:
    id: id
    modified: updated_at
    fields:
      id: { type: integer }
      uid: { type: text, indexed: true }
      crm: { type: text }
      name: { type: text }
      city: { type: text }
      score: { type: integer }
      opt_out: { type: bool }
      status: { type: text }
      cents: { type: number }
      kind: { type: text }
      dirty: { type: integer, default: 0 }
      parent: { type: integer }
      company: { type: integer }
      updated_at: { type: text }
  company:
    id: id
    modified: updated_at
    fields:
      id: { type: integer }
      uid: { type: text, indexed: true }
      name: { type: text }
      updated_at: { type: text }
";

const CONTACT: &str = "
objects:
  Contact:
    id: Id
    modified: SystemModstamp
    deleted: IsDeleted
    fields:
      Id: { type: id }
      Uid: { type: text }
      Name: { type: text }
      City: { type: text }
      Score: { type: integer }
      OptOut: { type: bool }
      Status: { type: text }
      Euros: { type: number }
      Parent: { type: id }
      AccountId: { type: id }
      Origin: { type: text, default: shop }
      IsDeleted: { type: bool, default: false }
      SystemModstamp: { type: text }
  Lead:
    id: Id
    modified: SystemModstamp
    fields:
      Id: { type: id }
      Uid: { type: text }
      Name: { type: text }
      City: { type: text }
      Converted: { type: id }
      SystemModstamp: { type: text }
  Account:
    id: Id
    modified: SystemModstamp
    fields:
      Id: { type: id }
      Uid: { type: text }
      Name: { type: text }
      SystemModstamp: { type: text }
";

/// Both sides number their records themselves, and neither carries the other's id.
const NUMBERED: &str = "
objects:
  Contact:
    id: Id
    modified: Changed
    fields:
      Id: { type: integer }
      Uid: { type: text }
      Name: { type: text }
      City: { type: text }
      Changed: { type: text }
  Task:
    id: Id
    modified: Changed
    fields:
      Id: { type: integer }
      Subject: { type: text, required: true }
      Changed: { type: text }
";

/// With what triggers make: records without an id of their own kind, and records that are found by their mark.
const FIRED: &str = "
objects:
  Contact:
    id: Id
    modified: SystemModstamp
    fields:
      Id: { type: id }
      Uid: { type: text, indexed: true }
      Name: { type: text }
      City: { type: text }
      SystemModstamp: { type: text }
  Log:
    id: Id
    modified: Changed
    fields:
      Id: { type: integer }
      Who: { type: text, required: true }
      What: { type: text }
      Changed: { type: text }
  Tally:
    id: Id
    modified: Changed
    fields:
      Id: { type: integer }
      Who: { type: text, required: true, indexed: true }
      Contact: { type: id }
      City: { type: text }
      Changed: { type: text }
";

/// No modification columns.
const UNDATED_LEFT: &str = "
objects:
  person:
    id: id
    fields:
      id: { type: integer }
      uid: { type: text }
      name: { type: text }
      city: { type: text }
";
const UNDATED_RIGHT: &str = "
objects:
  Contact:
    id: Id
    fields:
      Id: { type: integer }
      Uid: { type: text }
      Name: { type: text }
      City: { type: text }
";

const MEMBERS: &[(&str, &str)] = &[("new", "Open"), ("working", "Working"), ("done", "Closed")];

pub static TEMPLATES: &[Template] = &[
    Template {
        name: "two-way with preferences",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person <-> Contact {
          match crm = Id
          match uid = Uid
          crm <- Id
          uid <-> Uid
          name <-> Name
          city <-> City prefer left
          score <-> Score prefer max
          opt_out <-> OptOut prefer true
        }",
        pairs: &[Pair {
            fields: &[
                text("name", "Name"),
                text("city", "City"),
                shared("score", "Score", Kind::Number, Agree::Max),
                shared("opt_out", "OptOut", Kind::Bool, Agree::True),
            ],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "numbered on both sides",
        left: PERSON,
        right: NUMBERED,
        rules: "relationship Person: person <-> Contact {
          match uid = Uid
          prefer right
          uid <-> Uid
          name <-> Name
          city <-> City
        }",
        pairs: &[PAIR],
        once: None,
        fired: None,
    },
    Template {
        name: "push with write-backs and require",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person -> Contact {
          match uid = Uid
          crm <- Id
          uid -> Uid
          name -> Name
          city -> City
          push create require city
        }",
        pairs: &[Pair {
            fields: &[
                shared("name", "Name", Kind::Text, Agree::Push),
                shared("city", "City", Kind::Text, Agree::Push),
            ],
            crosses: [true, false],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "pull with lookups that create",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person <- Contact {
          match uid = Uid
          uid <- Uid
          name <- Name
          city <- City
          company <- lookup left.company(name = Status) or create { uid = null }
        }",
        pairs: &[Pair {
            fields: &[
                shared("name", "Name", Kind::Text, Agree::Pull),
                shared("city", "City", Kind::Text, Agree::Pull),
            ],
            extra: &[(1, "Status", &["red", "green", "blue"])],
            crosses: [false, true],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "references that hold",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person <-> Contact {
          match uid = Uid
          uid <-> Uid
          name <-> Name
          company <-> AccountId via Company
        }
        relationship Company: company <-> Account {
          match uid = Uid
          uid <-> Uid
          name <-> Name
        }",
        pairs: &[
            Pair {
                relationship: "Company",
                objects: ["company", "Account"],
                fields: &[text("name", "Name")],
                ..PAIR
            },
            Pair {
                fields: &[
                    text("name", "Name"),
                    shared("company", "AccountId", Kind::Reference(0), Agree::Either),
                ],
                ..PAIR
            },
        ],
        once: None,
        fired: None,
    },
    Template {
        name: "a self reference or null",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person <-> Contact {
          match uid = Uid
          crm <- Id
          uid <-> Uid
          name <-> Name
          parent <-> Parent via Person or null
        }",
        pairs: &[Pair {
            fields: &[
                text("name", "Name"),
                shared("parent", "Parent", Kind::Reference(0), Agree::Either),
            ],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "alternatives",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person <-> Contact | Lead {
          match crm = Id
          match uid = Uid
          follow Lead.Converted to Contact
          crm <- Id
          uid <-> Uid
          name <-> Name
          city <-> City
          push create Contact when kind = \"c\"
          push create Lead when kind != \"c\"
        }",
        pairs: &[
            Pair {
                extra: &[(0, "kind", &["c"])],
                ..PAIR
            },
            Pair {
                objects: ["person", "Lead"],
                extra: &[(0, "kind", &["l"])],
                ..PAIR
            },
        ],
        once: None,
        fired: None,
    },
    Template {
        name: "create once",
        left: PERSON,
        right: NUMBERED,
        rules: "relationship Task: person -> Task {
          \"Call\" -> Subject
          push create once
        }",
        pairs: &[Pair {
            relationship: "Task",
            objects: ["person", ""],
            fields: &[shared("name", "", Kind::Text, Agree::Push)],
            made: [true, false],
            crosses: [false, false],
            ..PAIR
        }],
        once: Some(("person", "Task")),
        fired: None,
    },
    Template {
        name: "a flag that asks for a push",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person <-> Contact {
          match crm = Id
          match uid = Uid
          crm <- Id
          uid <-> Uid
          name <-> Name
          city -> City
          push create when dirty = 1
          push update when dirty = 1
          push done set dirty = 0
        }",
        pairs: &[Pair {
            fields: &[text("name", "Name")],
            extra: &[(0, "dirty", &["1"])],
            crosses: [true, true],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "deletes in both directions",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person <-> Contact {
          match uid = Uid
          uid <-> Uid
          name <-> Name
          city <-> City
          push delete
          pull delete
        }",
        pairs: &[Pair {
            deleted: [true, true],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "value maps and a lens",
        left: PERSON,
        right: CONTACT,
        rules: "values status { \"new\" <-> \"Open\"
          \"working\" <-> \"Working\"
          \"done\" <-> \"Closed\"
          else error }
        lens money { push it / 100
          pull it * 100 }
        relationship Person: person <-> Contact {
          match uid = Uid
          prefer left
          uid <-> Uid
          name <-> Name
          status <-> Status using status
          cents <-> Euros using money
          kind <- Origin
        }",
        pairs: &[Pair {
            fields: &[
                text("name", "Name"),
                shared("status", "Status", Kind::Member(MEMBERS), Agree::Either),
                shared("cents", "Euros", Kind::Money, Agree::Either),
            ],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "no modification columns",
        left: UNDATED_LEFT,
        right: UNDATED_RIGHT,
        rules: "relationship Person: person <-> Contact {
          match uid = Uid
          uid <-> Uid
          name <-> Name
          city <-> City prefer left
          pull delete
        }",
        pairs: &[Pair {
            deleted: [false, true],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "conflicts for people",
        left: PERSON,
        right: CONTACT,
        rules: "relationship Person: person <-> Contact {
          match uid = Uid
          prefer manual
          uid <-> Uid
          name <-> Name
          city <-> City prefer newest
        }",
        pairs: &[Pair {
            fields: &[
                shared("name", "Name", Kind::Text, Agree::Manual),
                text("city", "City"),
            ],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "hard deletes on the right",
        left: PERSON,
        right: NUMBERED,
        rules: "relationship Person: person <-> Contact {
          match uid = Uid
          uid <-> Uid
          name <-> Name
          city <-> City
          pull delete set status = \"gone\"
        }",
        pairs: &[Pair {
            deleted: [false, true],
            ..PAIR
        }],
        once: None,
        fired: None,
    },
    Template {
        name: "triggers",
        left: PERSON,
        right: FIRED,
        rules: "relationship Person: person <-> Contact {
          match uid = Uid
          uid <-> Uid
          name <-> Name
          city <-> City prefer left
        }
        trigger born on create person {
          create right.Log { Who = uid, What = \"born\" }
          upsert right.Tally(Who = uid, Contact = linked(Person)) { City = city }
        }
        trigger moved on change person when was(city) != city {
          upsert right.Tally(Who = uid, Contact = linked(Person)) { City = city }
          set kind = \"moved\"
        }",
        pairs: &[PAIR],
        once: None,
        fired: Some([("Log", "Who"), ("Tally", "Who")]),
    },
];

fn schema(text: &str) -> StoreSchema {
    parse_file(std::path::Path::new("schema.yaml"), text).unwrap_or_else(|e| panic!("{e:?}"))
}

impl Template {
    pub fn schemas(&self) -> [StoreSchema; 2] {
        [schema(self.left), schema(self.right)]
    }

    /// The checked program; the same one for all histories.
    pub fn program(&'static self) -> &'static Program {
        static PROGRAMS: OnceLock<Vec<Program>> = OnceLock::new();
        let programs = PROGRAMS.get_or_init(|| TEMPLATES.iter().map(Template::check).collect());
        let place = TEMPLATES.iter().position(|t| std::ptr::eq(t, self));
        &programs[place.unwrap()]
    }

    fn check(&self) -> Program {
        let schemas = self.schemas().map(Arc::new);
        let rules = format!("sync left with right\n{}", self.rules);
        let mut sources = SourceMap::default();
        let file = sources.add("rules.sync", rules.as_str());
        let parsed = syntax::parse(file, &rules);
        let checked = check(&Input {
            name: "simulated".into(),
            sources: &sources,
            files: &[parsed.file],
            parsed: parsed.findings.is_empty(),
            stores: None,
            schema: &|name| match name {
                "left" => Some(schemas[0].clone()),
                "right" => Some(schemas[1].clone()),
                _ => None,
            },
            places: &Default::default(),
            settings: &[],
            environment: &|_| None,
            options: &|_| None,
            all_options: &[],
        });
        let errors: Vec<String> = parsed
            .findings
            .iter()
            .chain(&checked.findings)
            .filter(|f| f.severity == Severity::Error)
            .map(|f| render(f, &sources, false))
            .collect();
        checked
            .program
            .unwrap_or_else(|| panic!("{}: {}", self.name, errors.join("\n")))
    }
}
