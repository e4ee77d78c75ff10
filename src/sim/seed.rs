//! How every simulation starts: two organizations, their people, two bots, three spaces, and the tokens of all.
//!
//! The fleet is in its own module and draws from its own source, so its size never changes anybody's id.

use super::auth::{ADMIN_SCOPES, BOT_SCOPES, PERSON_SCOPES, READ_ONLY_ADMIN_SCOPES, Token, TokenKind};
use super::cast::{
    ADMIN_TOKEN, BOT_TOKEN, Cast, Person, READ_ONLY_ADMIN_TOKEN, SERVICE_APP_CLIENT_ID,
    SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN,
};
use super::model::{Account, AccountKind, Model, ServiceApp};

/// Fills an empty model with the cast and its spaces.
pub fn populate(model: &mut Model) -> Cast {
    let example_org = model.mint("ORGANIZATION");
    let partner_org = model.mint("ORGANIZATION");
    model.add_organization(&example_org, "Example Corp");
    model.add_organization(&partner_org, "Partner Ltd");
    let bot = join_bot(model, ["bot", "steward@webex.bot", "Steward Desk", &example_org]);
    let ana = join_person(model, ["ana", "ana@example.com", "Ana Alvarez", &example_org]);
    let ben = join_person(model, ["ben", "ben@example.com", "Ben Bauer", &example_org]);
    let carla = join_person(model, ["carla", "carla@example.com", "Carla Conti", &example_org]);
    let oskar = join_person(model, ["oskar", "oskar@partner.example", "Oskar Olsen", &partner_org]);
    let helper = join_bot(model, ["helper", "helper@webex.bot", "Helper", &example_org]);
    authorize_service_app(model, &example_org);

    let operations = model.found_group(&ana.id, "AV Operations");
    for newcomer in [&bot, &ben, &carla, &oskar, &helper] {
        model.seat(&operations, &newcomer.id);
    }
    let (direct_ana, _) = model.direct_between(&ana.id, &bot.id);
    let (direct_ben, _) = model.direct_between(&ben.id, &bot.id);
    Cast {
        bot,
        ana,
        ben,
        carla,
        oskar,
        helper,
        example_org,
        partner_org,
        operations,
        direct_ana,
        direct_ben,
        admin_token: ADMIN_TOKEN.to_owned(),
        read_only_admin_token: READ_ONLY_ADMIN_TOKEN.to_owned(),
    }
}

fn join_bot(model: &mut Model, described: [&str; 4]) -> Person {
    join(model, described, AccountKind::Bot)
}

/// Makes a person with an access token.
pub fn join_person(model: &mut Model, described: [&str; 4]) -> Person {
    join(model, described, AccountKind::Person)
}

/// Makes an account with a token of its own.
fn join(model: &mut Model, [name, email, display_name, org_id]: [&str; 4], kind: AccountKind) -> Person {
    let person = Person {
        name: name.to_owned(),
        id: model.mint("PEOPLE"),
        email: email.to_owned(),
        display_name: display_name.to_owned(),
        org_id: org_id.to_owned(),
        token: if name == "bot" { BOT_TOKEN.to_owned() } else { format!("sim-token-{name}") },
    };
    model.add_account(Account {
        id: person.id.clone(),
        email: person.email.clone(),
        display_name: person.display_name.clone(),
        org_id: person.org_id.clone(),
        kind,
        created: model.now(),
    });
    let (kind, scopes) = match kind {
        AccountKind::Bot => (TokenKind::Bot, BOT_SCOPES),
        _ => (TokenKind::Person, PERSON_SCOPES),
    };
    model.add_token(Token {
        value: person.token.clone(),
        name: name.to_owned(),
        kind,
        person_id: person.id.clone(),
        org_id: person.org_id.clone(),
        scopes: scopes.to_vec(),
        until: None,
    });
    person
}

/// The machine account of the Service App that an administrator of the organization authorized: two tokens that never
/// end, and a refresh token for others that do.
fn authorize_service_app(model: &mut Model, org_id: &str) {
    let id = model.mint("PEOPLE");
    model.add_account(Account {
        id: id.clone(),
        email: "steward-service-app@example.com".to_owned(),
        display_name: "Steward Service App".to_owned(),
        org_id: org_id.to_owned(),
        kind: AccountKind::Machine,
        created: model.now(),
    });
    for (value, name, scopes) in [
        (ADMIN_TOKEN, "admin", ADMIN_SCOPES),
        (READ_ONLY_ADMIN_TOKEN, "admin-readonly", READ_ONLY_ADMIN_SCOPES),
    ] {
        model.add_token(Token {
            value: value.to_owned(),
            name: name.to_owned(),
            kind: TokenKind::Admin,
            person_id: id.clone(),
            org_id: org_id.to_owned(),
            scopes: scopes.to_vec(),
            until: None,
        });
    }
    let app = ServiceApp::new([SERVICE_APP_CLIENT_ID, SERVICE_APP_CLIENT_SECRET, &id, org_id]);
    model.authorize_service_app(app, SERVICE_APP_REFRESH_TOKEN);
}
