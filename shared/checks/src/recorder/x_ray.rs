//! The X-ray below a page shows what the app's driver told of its commands. The
//! server knows what came, and so every scene says whether both agree.

use crate::verdict::{Verdict, expect};

/// `heard` are commands as the server told them, such as `redis GET …`.
pub(super) fn agrees(html: &str, heard: &[String]) -> Verdict {
    let Some((_, strip)) = html.split_once("<aside id=\"x-ray\"") else {
        return Ok(());
    };
    let shown: Vec<&str> = strip
        .split("<dd class=\"command\"><code>")
        .skip(1)
        .map(first_word)
        .collect();
    let heard: Vec<&str> = heard
        .iter()
        .filter_map(|command| command.split_once(' '))
        .map(|(_, command)| first_word(command))
        .collect();
    let promise = format!("the X-ray shows what reached the store: {heard:?}");
    expect(shown == heard, &promise, format!("it shows {shown:?}"))
}

fn first_word(text: &str) -> &str {
    text.split([' ', '<']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::agrees;

    const PAGE: &str = "<main></main><aside id=\"x-ray\"><dt>Store</dt>\
        <dd class=\"command\"><code>GET 5xkLDs…</code></dd>\
        <dd class=\"command\"><code>SET 5xkLDs… NX</code></dd></aside>";

    #[test]
    fn a_command_more_or_less_is_no_agreement() {
        let heard = |commands: &[&str]| {
            let commands: Vec<String> = commands.iter().map(|&text| text.to_owned()).collect();
            agrees(PAGE, &commands)
        };
        assert_eq!(heard(&["redis GET <id>", "redis SET <id>"]), Ok(()));
        assert!(heard(&["redis GET <id>"]).is_err());
        assert!(heard(&["redis SET <id>", "redis GET <id>"]).is_err());
        assert!(heard(&[]).is_err());
    }

    #[test]
    fn a_page_without_an_x_ray_shows_nothing_wrong() {
        assert_eq!(agrees("<main></main>", &["redis GET".to_owned()]), Ok(()));
    }
}
