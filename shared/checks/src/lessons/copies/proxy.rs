//! Several copies behind a real proxy, and nobody sent to the same one twice.

use super::FORWARDED_FOR;
use crate::{
    browser::client_at,
    lessons::{
        login::{PASSWORD, expect_refused, new_email},
        prelude::*,
        service::guessing::expect_limited,
        stores::load::Load,
    },
    proxy::Proxy,
    servers::free_ports,
};
use std::{net::Ipv4Addr, time::Duration};
use tokio::time::sleep;

checks! {
    Needs::Proxy:
        copies_behind_a_proxy_are_one_app,
        a_copy_is_replaced_and_nobody_notices;
}

/// HAProxy, and two copies behind it.
struct Site {
    proxy: Proxy,
    copies: Vec<App>,
}

impl Site {
    /// Each copy on a port of its own, to which it comes back.
    async fn open(course: &Course, settings: &[(&str, &str)]) -> Result<Site, Stop> {
        let mut copies = Vec::new();
        for port in free_ports(2).map_err(Stop::Harness)? {
            let port = port.to_string();
            let own = [("PORT", &*port), ("TRUSTED_PROXIES", "127.0.0.1")];
            let settings = [&own, settings].concat();
            copies.push(course.app_with(&settings).await?);
        }
        let addresses: Result<Vec<_>, _> = copies.iter().map(App::socket).collect();
        let proxy = Proxy::before(&addresses?).await?;
        proxy.copies_are_up(2).await?;
        Ok(Site { proxy, copies })
    }

    /// As somebody at this address of the machine finds it.
    fn seen_from(&self, address: Ipv4Addr) -> Result<App, Stop> {
        Ok(App::at(&self.proxy.url(), client_at(address)?))
    }
}

async fn copies_behind_a_proxy_are_one_app(course: Course) -> Verdict {
    // One attempt at once for each address, and each copy counts for itself.
    let site = Site::open(&course, &[("LOGINS_PER_MINUTE", "2")]).await?;
    let (ada_at, eve_at) = (Ipv4Addr::new(127, 0, 0, 5), Ipv4Addr::new(127, 0, 0, 6));
    let mut ada = site.seen_from(ada_at)?.browser();
    for views in 1..=6 {
        let page = ada.get("/count").await?;
        page.expect_status(200)?;
        page.expect_text(&format!("Views: {views}"))?;
    }
    for copy in &site.copies {
        let asked = |log: &str| log.contains("path=\"/count\"");
        let log = copy.log_when(asked).await;
        expect(asked(&log), "each copy has had some of the requests", &*log)?;
    }
    let eve = site.seen_from(eve_at)?;
    let mut made_up = (1..).map(|n| format!("203.0.113.{n}"));
    let mut guess = async |site: &App| {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("email", &*new_email("eve")), ("password", PASSWORD)])
            .finish();
        let claim = made_up.next().unwrap_or_default();
        let headers = [FORM, (FORWARDED_FOR, claim.as_bytes())];
        site.browser()
            .request("POST", "/login", &headers, &body)
            .await
    };
    expect_refused(&guess(&eve).await?)?;
    expect_refused(&guess(&eve).await?)?;
    expect_limited(&guess(&eve).await?, 30)?;
    // Somebody else has attempts of their own.
    expect_refused(&guess(&site.seen_from(ada_at)?).await?)?;
    for copy in &site.copies {
        let log = copy.log();
        let told = |address: &str| log.contains(&format!("address={address}"));
        let promise = format!("the log names {eve_at}, and no address that she made up");
        let right = told(&eve_at.to_string()) && !told("203.0.113.");
        expect(right, &promise, &*log)?;
    }
    Ok(())
}

async fn a_copy_is_replaced_and_nobody_notices(course: Course) -> Verdict {
    let mut site = Site::open(&course, &[]).await?;
    let everybody = site.seen_from(Ipv4Addr::LOCALHOST)?;
    let load = Load::start(&everybody, 4, Duration::from_millis(5));
    for number in 0..site.copies.len() {
        sleep(Duration::from_millis(200)).await;
        site.proxy.drain(number).await?;
        site.copies[number].replace().await?;
        site.proxy.take_back(number).await?;
    }
    sleep(Duration::from_millis(200)).await;
    // Whatever is no answer has ended the load already.
    let ledgers = load.end().await?;
    let away: u32 = ledgers.iter().map(|(_, ledger)| ledger.away).sum();
    expect(
        away == 0,
        "no 503 while copies are replaced",
        format!("{away} × 503"),
    )
}
