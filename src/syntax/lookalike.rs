//! Characters that look like others, cannot be seen, or turn the direction of text.

/// The ASCII letter that a Cyrillic, Greek or full-width letter looks like.
pub fn latin_twin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' | 'Ϲ' => 'C',
        'ԁ' => 'd',
        'е' => 'e',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'і' | 'ι' => 'i',
        'І' | 'Ι' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'о' | 'ο' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' | 'γ' => 'y',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => return char::from_u32(c as u32 - 0xFEE0),
        _ => return None,
    })
}

/// The name that `word` pretends to be: it mixes look-alike letters with Latin ones, or is made of nothing else.
pub fn pretended(word: &str) -> Option<String> {
    let twins = word.chars().filter(|c| latin_twin(*c).is_some()).count();
    let foreign = word
        .chars()
        .filter(|c| !c.is_ascii() && latin_twin(*c).is_none())
        .count();
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    if twins == 0 || (!latin && foreign > 0) {
        return None;
    }
    Some(word.chars().map(|c| latin_twin(c).unwrap_or(c)).collect())
}

/// Characters that turn the direction of what follows.
pub fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters of no width; joiners are left alone, since emoji and some scripts need them.
pub fn has_no_width(c: char) -> bool {
    matches!(
        c,
        '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{180E}'
    )
}

/// Blanks that are no blank.
pub fn is_odd_blank(c: char) -> bool {
    c != ' '
        && c != '\u{1680}'
        && matches!(
            c,
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
        )
}

/// `U+202E`
pub fn code_point(c: char) -> String {
    format!("U+{:04X}", c as u32)
}
