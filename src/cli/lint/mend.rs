//! `--fix` and `--diff`.

use std::path::Path;

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::fmt::diff;
use crate::cli::human::counted;
use crate::cli::load::Offline;
use crate::cli::options::Common;
use crate::cli::whole_file;
use crate::diagnostic::Finding;
use crate::lint::fix::settle;

/// Applies the safe fixes of a program: writes its files, or shows what would change in them.
pub(super) fn mend(
    offline: &mut Offline,
    common: &Common,
    show: bool,
    console: &Console,
) -> Result<(), Exit> {
    if !offline.readable() {
        console.note("nothing is mended where a rule file can't be read");
        return Ok(());
    }
    let before = offline.texts();
    let part = offline.is_part();
    let after = settle(&before, &|texts| {
        let mut findings = offline.look(texts);
        if part {
            // What this file does not use may be used in another one of the folder.
            let unused = |f: &&mut Finding| f.code.name.starts_with("unused-");
            findings
                .iter_mut()
                .filter(unused)
                .for_each(|f| f.fix = None);
        }
        findings
    });
    let mut changed = 0;
    for (at, (old, new)) in before.iter().zip(&after).enumerate() {
        let Some(path) = offline.paths().get(at).cloned() else {
            continue;
        };
        if old == new {
            continue;
        }
        changed += 1;
        if show {
            let mut out = console.stdout();
            diff(&path, old, new, console.out, &mut out)?;
            std::io::Write::flush(&mut out)?;
        } else {
            whole_file::write(Path::new(&path), new)?;
        }
    }
    if show {
        console.note(&format!("{} would change", counted(changed, "file")));
        return Ok(());
    }
    if changed > 0 {
        console.note(&format!("{} mended", counted(changed, "file")));
        offline.read_again(common)?;
    }
    Ok(())
}
