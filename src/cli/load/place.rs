//! Where the rules and stores.yaml are (interfaces, "Commands").

use std::path::{Path, PathBuf};

use super::files;
use crate::cli::exit::{Cause, Exit};
use crate::cli::options::Common;

const STORES: &str = "stores.yaml";

/// Where a program is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder of the program, or its one file.
    pub rules: PathBuf,
    /// stores.yaml, if there is one.
    pub stores: Option<PathBuf>,
}

impl Place {
    /// The program at `path`, or the default one, seen from the current folder.
    ///
    /// # Errors
    /// `path` or `stores` does not exist.
    pub fn find(path: Option<&Path>, stores: Option<&Path>) -> Result<Place, Exit> {
        if let Some(stores) = stores {
            must_exist(stores)?;
        }
        let Some(path) = path else {
            return Ok(Place::default_of(stores));
        };
        must_exist(path)?;
        let stores = match stores {
            Some(stores) => Some(stores.to_owned()),
            None => nearest(folder_of(path)),
        };
        Ok(Place {
            rules: path.to_owned(),
            stores,
        })
    }

    /// The folder `rules` beside stores.yaml, else the current folder.
    fn default_of(stores: Option<&Path>) -> Place {
        let stores = match stores {
            Some(stores) => Some(stores.to_owned()),
            None => nearest(Path::new(".")),
        };
        let beside = stores
            .as_deref()
            .map(|stores| folder_of_file(stores).join("rules"));
        let rules = match beside {
            Some(beside) if beside.is_dir() => tidy(beside),
            _ => PathBuf::from("."),
        };
        Place { rules, stores }
    }

    /// The folder of the program: schema/ and scenarios/ stand in it.
    pub fn folder(&self) -> &Path {
        folder_of(&self.rules)
    }

    /// The base name of the rules' folder, by which a program without a `name:` goes.
    pub fn base_name(&self) -> String {
        let absolute = self.folder().canonicalize();
        absolute
            .ok()
            .and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
            .unwrap_or_else(|| "rules".to_owned())
    }

    /// # Errors
    /// There is no stores.yaml.
    pub fn stores(&self) -> Result<&Path, Exit> {
        self.stores.as_deref().ok_or_else(|| {
            let folder = self.folder().display();
            Exit::new(
                Cause::FileMissing,
                format!(
                    "there is no stores.yaml in {folder} or a folder above it: write one, or name one with --stores"
                ),
            )
        })
    }
}

/// The programs at `path`, for commands that take several: a folder without rule files stands for each subfolder that has some.
///
/// # Errors
/// No program there.
pub fn programs(path: Option<&Path>, common: &Common) -> Result<Vec<Place>, Exit> {
    let place = Place::find(path, common.stores.as_deref())?;
    files::programs(&place.rules)?
        .iter()
        .map(|program| Place::find(Some(program), common.stores.as_deref()))
        .collect()
}

fn must_exist(path: &Path) -> Result<(), Exit> {
    match path.metadata() {
        Ok(_) => Ok(()),
        Err(error) => Err(Exit::reading(path, &error)),
    }
}

/// `path` if it is a folder, else the folder that it is in.
fn folder_of(path: &Path) -> &Path {
    if path.is_dir() {
        path
    } else {
        folder_of_file(path)
    }
}

fn folder_of_file(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}

/// stores.yaml in `folder` or the nearest folder above it.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let here = tidy(folder.join(STORES));
    if here.is_file() {
        return Some(here);
    }
    let absolute = folder.canonicalize().ok()?;
    absolute
        .ancestors()
        .skip(1)
        .map(|above| above.join(STORES))
        .find(|stores| stores.is_file())
}

/// Without a leading `./`, as people write paths.
fn tidy(path: PathBuf) -> PathBuf {
    match path.strip_prefix(".") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest.to_owned(),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn project() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("rules/deep")).unwrap();
        fs::write(folder.path().join(STORES), "").unwrap();
        fs::write(folder.path().join("rules/a.sync"), "").unwrap();
        folder
    }

    #[test]
    fn stores_are_found_in_the_nearest_parent() {
        let folder = project();
        let rules = folder.path().join("rules/deep");
        let place = Place::find(Some(&rules), None).unwrap();
        let found = place.stores.unwrap().canonicalize().unwrap();
        assert_eq!(found, folder.path().join(STORES).canonicalize().unwrap());
        assert_eq!(place.rules, rules);
    }

    #[test]
    fn the_default_is_rules_beside_the_stores_that_were_named() {
        let folder = project();
        let stores = folder.path().join(STORES);
        let place = Place::find(None, Some(&stores)).unwrap();
        assert_eq!(place.rules, folder.path().join("rules"));
        assert_eq!(place.base_name(), "rules");
    }

    #[test]
    fn a_file_is_a_program_in_its_folder() {
        let folder = project();
        let file = folder.path().join("rules/a.sync");
        let place = Place::find(Some(&file), None).unwrap();
        assert_eq!(place.folder(), folder.path().join("rules"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = project();
        let missing = folder.path().join("nowhere");
        let exit = Place::find(Some(&missing), None).unwrap_err();
        assert_eq!(exit.cause, Cause::FileMissing);
        assert!(exit.message.contains("nowhere"));
        let exit = Place::find(None, Some(&missing)).unwrap_err();
        assert_eq!(exit.cause, Cause::FileMissing);
    }
}
