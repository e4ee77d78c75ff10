// Draws each sample card as a PNG, with the official renderer of Adaptive Cards in headless Chromium.
//
//     node draw.mjs SAMPLES.json DIRECTORY
//
// Fails if a card uses anything that Adaptive Cards 1.3 doesn't have, if the browser reports an error, or if any text of a
// card is missing from its picture.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const [samplesFile, directory] = process.argv.slice(2);
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const renderer = createRequire(import.meta.url).resolve("adaptivecards/dist/adaptivecards.min.js");
const beside = (name) => new URL(name, import.meta.url);

const samples = JSON.parse(await readFile(samplesFile, "utf8"));
const hostConfig = JSON.parse(await readFile(beside("host-config.json"), "utf8"));
const css = await readFile(beside("card.css"), "utf8");

const warnings = [];

/** Runs in the page: draws a card and returns its defects. */
function draw(sample, hostConfig) {
    const { AdaptiveCard, Action, HostConfig, SerializationContext, Versions } = AdaptiveCards;
    const found = [];
    const context = new SerializationContext(Versions.v1_3);
    const card = new AdaptiveCard();
    card.hostConfig = new HostConfig(hostConfig);
    card.parse(sample.card, context);
    for (let index = 0; index < context.eventCount; index += 1) {
        found.push(context.getEventAt(index).message);
    }
    found.push(...card.validateProperties().validationEvents.map((event) => event.message));
    const place = document.getElementById("card");
    place.replaceChildren(card.render());

    const plain = (text) => text.replace(/\s+/gu, " ").trim();
    const seen = plain(place.textContent);
    const look = (element) => {
        for (const text of [element.text, element.title]) {
            if (typeof text === "string" && !seen.includes(plain(text))) {
                found.push(`text is missing from the picture: ${text}`);
            }
        }
        Object.values(element).forEach((value) => value && typeof value === "object" && look(value));
    };
    look(sample.card);
    const box = place.getBoundingClientRect();
    if (box.height < 40 || seen === "") found.push("the picture is empty");
    if (place.scrollWidth > place.clientWidth) found.push("wider than the card");
    return found;
}

await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });
// Chromium's sandbox does not work for root, and CI runs as root; the pages are our own.
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--force-color-profile=srgb"] });
try {
    const page = await browser.newPage();
    await page.setViewport({ width: 566, height: 800, deviceScaleFactor: 1.5 });
    let current = "the empty page";
    page.on("console", (message) => warnings.push(`${current}: ${message.text()}`));
    page.on("pageerror", (error) => warnings.push(`${current}: ${error.message}`));
    await page.setContent(`<!doctype html><meta charset="utf-8"><style>${css}</style><div id="card"></div>`);
    await page.addScriptTag({ path: renderer });
    // TextBlocks hold plain text without markup, so no markdown processor is needed.
    await page.evaluate(() => { AdaptiveCards.AdaptiveCard.onProcessMarkdown = () => {}; });
    const files = new Set();
    for (const sample of samples) {
        current = sample.name;
        const file = `${sample.name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}.png`;
        if (files.has(file)) warnings.push(`${current}: another card is drawn to ${file} too`);
        files.add(file);
        const found = await page.evaluate(draw, sample, hostConfig);
        warnings.push(...found.map((text) => `${current}: ${text}`));
        const card = await page.$("#card");
        await writeFile(`${directory}/${file}`, await card.screenshot());
    }
} finally {
    await browser.close();
}

for (const warning of warnings) console.error(warning);
console.log(`${samples.length} cards drawn, ${warnings.length} warnings`);
process.exitCode = warnings.length === 0 && samples.length > 0 ? 0 : 1;
