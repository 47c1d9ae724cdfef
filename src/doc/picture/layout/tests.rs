use proptest::prelude::*;

use super::*;
use crate::doc::model::Arrow;
use crate::doc::picture::Tie;

fn picture(ties: Vec<(usize, Vec<usize>)>, references: Vec<(usize, usize, usize)>) -> Picture {
    let objects = |side: &str| {
        let name = |n: usize| format!("{side}{}", "x".repeat(n * 5 % 41)).into();
        (0..12).map(name).collect::<Vec<_>>()
    };
    Picture {
        stores: ["left".into(), "right".into()],
        objects: [objects("l"), objects("r")],
        relationships: ties
            .into_iter()
            .enumerate()
            .map(|(place, (left, right))| Tie {
                name: format!("Relationship{place}").into(),
                arrow: Arrow::Both,
                ends: [vec![left], right],
            })
            .collect(),
        references: references
            .into_iter()
            .map(|(side, from, to)| Reference {
                side,
                from,
                to,
                fields: Vec::new(),
            })
            .collect(),
    }
}

fn overlap(a: &Boxed, b: &Boxed) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

proptest! {
    #[test]
    fn nothing_lies_on_anything(
        ties in prop::collection::vec((0..12usize, prop::collection::btree_set(0..12usize, 1..4)), 30),
        references in prop::collection::btree_set((0..2usize, 0..12usize, 0..12usize), 0..25),
    ) {
        let ties = ties.into_iter().map(|(left, right)| (left, right.into_iter().collect())).collect();
        let layout = layout(&picture(ties, references.into_iter().collect()));
        let boxes: Vec<&Boxed> = layout.objects.iter().flatten().chain(&layout.relationships).collect();
        for (place, a) in boxes.iter().enumerate() {
            prop_assert!(text_width(&a.text) <= a.width - PADDING);
            prop_assert!(a.x >= 0.0 && a.x + a.width <= layout.width);
            prop_assert!(a.y >= HEAD && a.y + a.height <= layout.height);
            for b in &boxes[place + 1..] {
                prop_assert!(!overlap(a, b), "{a:?} {b:?}");
            }
        }
        for line in &layout.lines {
            let object = line.object.0;
            let (from, to) = (object.min(line.column), object.max(line.column));
            let clear = boxes.iter().all(|b| b.x + b.width <= from + 0.01 || b.x >= to - 0.01);
            prop_assert!(clear, "a line bends between the columns");
        }
        for (place, a) in layout.ways.iter().enumerate() {
            let clear = boxes.iter().all(|b| a.lane < b.x || a.lane > b.x + b.width);
            prop_assert!(clear && a.lane > 0.0 && a.lane < layout.width);
            for b in &layout.ways[place + 1..] {
                let span = |w: &Way| (w.from.1.min(w.to.1), w.from.1.max(w.to.1));
                let (a_span, b_span) = (span(a), span(b));
                let meet = a_span.0 < b_span.1 && b_span.0 < a_span.1;
                prop_assert!(a.lane != b.lane || !meet, "two references in one lane");
            }
        }
    }
}

#[test]
fn boxes_stand_where_they_want_to_where_they_can() {
    let tops = apart(&[15.0, 100.0], &[30.0, 30.0]);
    assert_eq!(tops, [0.0, 85.0]);
    let tops = apart(&[50.0, 50.0], &[30.0, 30.0]);
    assert_eq!(tops[1] - tops[0], 30.0 + GAP);
    assert_eq!((tops[0] + tops[1] + 30.0) / 2.0, 50.0);
}

#[test]
fn a_long_name_is_cut_and_told_whole() {
    let boxed = Boxed::new(&"x".repeat(60));
    assert_eq!(boxed.text.chars().count(), LONGEST);
    assert_eq!(boxed.whole, Some("x".repeat(60)));
}
