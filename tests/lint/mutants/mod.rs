//! The shipped packs, damaged: how much of it the linter and the rule tests see. `cargo test --test lint mutants -- --nocapture` prints the
//! table. The rule tests of the packs run on what the linter has no finding about: on one damage of each kind, with `ALL_MUTANTS=1` on all.
//!
//! A damage is **visible** where a schema or a header contradicts it. Such a damage counts as told only by a finding on the damaged line, or
//! on a line of the same statement; of a line that was taken out, by one that names what is gone; of a schema file, also by one on a line of
//! the rules that names the field. All other damages leave rules that could have been meant: there any finding counts, else a rule test that
//! fails.
//!
//! Left out is what is no damage: a misspelling that is another name of the pack, a line turned into a write-back, a required field that a
//! `require` or a `when` still guards, another line still writes, or an `allow` speaks of.

mod damage;
mod directions;
mod names;
mod others;
mod required;
mod sound;
mod types;

use std::sync::Mutex;

use crate::pack::Pack;
use damage::Damage;
use sound::Sound;

/// How many mutants there are.
const MUTANTS: usize = 500;

/// A kind of damage.
struct Kind {
    /// Of what the schemas and headers show; `None` for what they don't.
    visible: Option<&'static str>,
    name: &'static str,
    damages: fn(&Sound) -> Vec<Damage>,
}

macro_rules! kinds {
    ($($visible:expr => { $($name:literal: $damages:path,)* })*) => {
        &[$($(Kind { visible: $visible, name: $name, damages: $damages },)*)*]
    };
}

const KINDS: &[Kind] = kinds! {
    Some("name") => {
        "a field of a line is misspelt": names::line_fields,
        "a field elsewhere is misspelt": names::other_fields,
        "an object is misspelt": names::objects,
        "a relationship is misspelt": names::relationships,
        "a function is misspelt": names::functions,
        "a name of a query is misspelt": names::queries,
        "a word is misspelt": names::words,
        "the schema has another name": names::renamed_in_schema,
    }
    Some("type") => {
        "a target of another type": types::other_target,
        "a constant of another type": types::other_constant,
        "compared with another type": types::other_operand,
        "the schema has another type": types::schema_type,
    }
    Some("length") => {
        "the source is longer": types::longer_source,
        "the target is shorter": types::shorter_target,
        "a constant is too long": types::long_constant,
    }
    Some("picklist") => {
        "a constant is no member": types::not_a_member,
        "compared with no member": types::compared_with_no_member,
        "the source has more members": types::wider_picklist,
    }
    Some("direction") => {
        "a line is turned": directions::turned_line,
        "a line goes both ways": directions::two_way_line,
        "a header is turned": directions::turned_header,
        "a clause is turned": directions::turned_clause,
        "a schedule is turned": directions::turned_schedule,
        "an expression goes both ways": directions::two_way_expression,
        "a one-way map goes both ways": directions::one_way_map,
    }
    Some("required") => {
        "a `require` asks no more": required::asked_for_no_more,
        "the only line is gone": required::line_gone,
        "the schema requires what may be null": required::required_of_nullable,
        "the schema requires what is not written": required::required_of_nothing,
    }
    Some("map entry") => {
        "an entry is gone": required::entry_gone,
    }
    Some("second writer") => {
        "a line stands twice": directions::line_twice,
        "another field is written too": directions::other_writer,
        "another relationship writes too": directions::other_relationship,
    }
    None => {
        "a key is gone": others::key_gone,
        "a key is normalised on one side": others::normalised_on_one_side,
        "a `follow` is gone": others::follow_gone,
        "a `prefer` is gone": others::preference_gone,
        "a line is gone": others::line_gone,
        "a filter is gone": others::filter_gone,
        "an operation line is gone": others::operation_gone,
        "a condition is gone": others::condition_gone,
        "a condition is negated": others::negated,
        "a condition contradicts itself": others::contradiction,
        "a `set` is gone": others::set_gone,
        "a modifier is gone": others::modifier_gone,
        "a `using` is gone": others::conversion_gone,
        "a `via` is gone": others::reference_gone,
        "a `via` names another one": others::other_reference,
        "a reference holds": others::fallback_gone,
        "two ways become one": others::two_ways_become_one,
        "two sources are swapped": others::swapped_sources,
        "off the schedule": others::off_the_schedule,
        "another operator": others::other_operator,
        "another text": others::other_text,
        "another number": others::other_number,
        "a value map changed": others::map_changed,
        "an action is gone": others::action_gone,
        "a trigger is gone": others::item_gone,
        "syntax": others::syntax,
        "an argument too many": others::arguments,
        "an index is gone": others::index_gone,
    }
};

struct Mutant<'s> {
    kind: usize,
    sound: &'s Sound,
    damage: Damage,
}

/// What became of the mutants of one kind.
#[derive(Clone, Default)]
struct Count {
    all: usize,
    /// By any finding.
    linted: usize,
    /// By one on the damaged line.
    there: usize,
    /// That the rule tests were run on: of the hidden ones that the linter has nothing to say about.
    asked: usize,
    /// By a rule test.
    tested: usize,
    missed: Vec<String>,
}

/// Some of each kind, the same ones in every run: in turn, so that no kind crowds out the others, and from all over the packs.
fn chosen(sounds: &[Sound]) -> Vec<Mutant<'_>> {
    let mut by_kind: Vec<Vec<Mutant<'_>>> = KINDS
        .iter()
        .enumerate()
        .map(|(kind, Kind { damages, .. })| {
            let of = |sound| {
                damages(sound)
                    .into_iter()
                    .map(move |damage| (sound, damage))
            };
            let all = sounds.iter().flat_map(of);
            all.map(|(sound, damage)| Mutant {
                kind,
                sound,
                damage,
            })
            .collect()
        })
        .collect();
    let mut chosen = Vec::new();
    let mut step = 0_usize;
    while chosen.len() < MUTANTS && by_kind.iter().any(|all| !all.is_empty()) {
        for mutants in by_kind.iter_mut().filter(|all| !all.is_empty()) {
            // Steps of the golden ratio reach every part of a list.
            let at = (step * 618_034 / 1000) % mutants.len();
            chosen.push(mutants.swap_remove(at));
        }
        step += 1;
    }
    chosen.truncate(MUTANTS);
    chosen
}

fn tried(mutant: &Mutant<'_>, with_tests: bool) -> Count {
    let pack = mutant.damage.made(&mutant.sound.pack);
    let look = pack.look();
    let linted = !look.findings.is_empty();
    let there = mutant.damage.is_told(&look.findings, &look.sources);
    let visible = KINDS[mutant.kind].visible.is_some();
    let asked = with_tests && !visible && !linted;
    let tested = asked && pack.failing_test(look).is_some();
    let missed = if visible { !there } else { asked && !tested };
    let missed = missed.then(|| mutant.damage.shown(mutant.sound));
    Count {
        all: 1,
        linted: linted.into(),
        there: there.into(),
        asked: asked.into(),
        tested: tested.into(),
        missed: missed.into_iter().collect(),
    }
}

impl Count {
    fn add(&mut self, other: &Count) {
        self.all += other.all;
        self.linted += other.linted;
        self.there += other.there;
        self.asked += other.asked;
        self.tested += other.tested;
        self.missed.extend(other.missed.iter().cloned());
    }

    fn line(&self, subject: &str, name: &str) -> String {
        let Count {
            all,
            linted,
            there,
            asked,
            tested,
            ..
        } = self;
        let tests = format!("{tested} of {asked}");
        format!("{subject:<14} {name:<40} {all:>7} {linted:>7} {there:>12} {tests:>12}")
    }
}

/// The counts by kind; the mutants are tried on all cores, the first ones with the packs' rule tests too.
fn counts(mutants: &[Mutant<'_>], with_tests: usize) -> Vec<Count> {
    let counts = Mutex::new(vec![Count::default(); KINDS.len()]);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(mutant) = mutants.get(at) else {
                        return;
                    };
                    let count = tried(mutant, at < with_tests);
                    counts.lock().unwrap()[mutant.kind].add(&count);
                }
            });
        }
    });
    counts.into_inner().unwrap()
}

/// Tries the mutants and prints the table; the counts of the visible kinds and of the others.
fn table(with_tests: usize) -> [Count; 2] {
    let sounds: Vec<Sound> = Pack::shipped().into_iter().map(Sound::of).collect();
    let mutants = chosen(&sounds);
    assert_eq!(mutants.len(), MUTANTS);
    let counts = counts(&mutants, with_tests);
    println!(
        "{:<14} {:<40} {:>7} {:>7} {:>12} {:>12}",
        "visible", "damage", "mutants", "linter", "on the line", "rule tests"
    );
    let (mut visible, mut others) = (Count::default(), Count::default());
    for (kind, count) in KINDS.iter().zip(&counts) {
        println!("{}", count.line(kind.visible.unwrap_or("no"), kind.name));
        match kind.visible {
            Some(_) => visible.add(count),
            None => others.add(count),
        }
    }
    println!("{}", visible.line("visible", "all"));
    println!("{}", others.line("no", "all"));
    let all = KINDS.iter().zip(&counts);
    for (kind, count) in all.clone() {
        for missed in &count.missed {
            println!("missed: {}: {missed}", kind.name);
        }
    }
    let none = all.filter(|(_, c)| c.all == 0).map(|(k, _)| k.name);
    assert_eq!(none.collect::<Vec<_>>(), Vec::<&str>::new());
    [visible, others]
}

/// The rule tests of the packs are run on one mutant of each kind, which come first; with `ALL_MUTANTS=1` on all, which takes long.
#[test]
fn damage_is_seen() {
    let every = std::env::var_os("ALL_MUTANTS").is_some();
    let [visible, others] = table(if every { MUTANTS } else { KINDS.len() });
    assert!(
        visible.there * 100 >= visible.all * 95,
        "only {} of {} visible damages have a finding on their line",
        visible.there,
        visible.all
    );
    assert!(
        others.tested * 2 > others.asked,
        "the rule tests see only {} of {} damages that the linter does not",
        others.tested,
        others.asked
    );
}
