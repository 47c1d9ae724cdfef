//! Stores as an embedder meets them: through `stores.yaml`.

use std::path::Path;

use bilateral::schema::yaml::YamlError;
use bilateral::store::{
    Config, Expect, Projection, Since, StoreError, Write, WriteKind, WriteResult, open,
};
use bilateral::value::Value;

fn folder(stores: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stores.yaml"), stores).unwrap();
    folder
}

fn config(folder: &Path) -> Result<Config, YamlError> {
    Config::read(&folder.join("stores.yaml"))
}

#[test]
fn a_configured_store_is_opened_beside_its_file() {
    let folder = folder(
        "stores: { crm: { kind: sqlite, path: data/crm.db, objects: { Person: { table: people } } } }\n",
    );
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let sql = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";
    rusqlite::Connection::open(folder.path().join("data/crm.db"))
        .unwrap()
        .execute_batch(sql)
        .unwrap();

    let config = config(folder.path()).unwrap();
    let mut store = open(config.store("crm").unwrap()).unwrap();
    let ada = Write {
        kind: WriteKind::Create { id: None },
        fields: vec![("name".into(), Value::Text("Ada".into()))],
        expect: Expect::Anything,
    };
    assert!(matches!(
        store.write("Person", &[ada]).unwrap()[..],
        [WriteResult::Done { .. }]
    ));
    let people = Projection {
        object: "Person".into(),
        fields: vec![Some("name".into())],
    };
    let page = store.read(&people, &Since::Start, None, 10).unwrap();
    assert_eq!(*page.records[0].values, [Value::Text("Ada".into())]);
}

#[test]
fn each_mistake_is_of_its_kind() {
    let missing = tempfile::tempdir().unwrap();
    assert!(matches!(
        config(missing.path()),
        Err(YamlError::Missing { .. })
    ));

    let wrong = folder("stores:\n  crm:\n    kind: sqlite\n    pth: crm.db\n");
    let error = config(wrong.path()).unwrap_err();
    assert!(
        matches!(error, YamlError::Wrong { line: Some(4), .. }),
        "{error:?}"
    );

    let no_file = folder("stores: { crm: { kind: sqlite, path: crm.db } }\n");
    let config = config(no_file.path()).unwrap();
    assert!(matches!(
        open(config.store("crm").unwrap()),
        Err(StoreError::Unavailable(_))
    ));
    assert!(!no_file.path().join("crm.db").exists());
    assert!(
        config
            .store("cmr")
            .is_err_and(|error| error.to_string().ends_with("did you mean `crm`?"))
    );

    let no_table =
        folder("stores: { crm: { kind: sqlite, path: crm.db, objects: { Lead: { id: Id } } } }\n");
    std::fs::write(no_table.path().join("crm.db"), "").unwrap();
    let config = Config::read(&no_table.path().join("stores.yaml")).unwrap();
    assert!(matches!(
        open(config.store("crm").unwrap()),
        Err(StoreError::Shape(_))
    ));
}
