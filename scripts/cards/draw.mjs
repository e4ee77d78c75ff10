// Draws each sample card as a PNG, with the official renderer of Adaptive Cards in headless Chromium, as wide as in a
// narrow window and as in a wide one.
//
//     node draw.mjs SAMPLES.json DIRECTORY
//
// Fails if a card uses anything that Adaptive Cards 1.3 doesn't have, if the browser reports an error, if any text of a
// card is missing from its picture, or if anything runs off at the right.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

/** Widths of a card in pixels: a phone or a side panel, and a desktop window. */
const WIDTHS = [320, 600];
/** Pixels around a card. */
const MARGIN = 16;

const [samplesFile, directory] = process.argv.slice(2);
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const renderer = createRequire(import.meta.url).resolve("adaptivecards/dist/adaptivecards.min.js");
const beside = (name) => new URL(name, import.meta.url);

const samples = JSON.parse(await readFile(samplesFile, "utf8"));
const hostConfig = JSON.parse(await readFile(beside("host-config.json"), "utf8"));
const css = await readFile(beside("card.css"), "utf8");

const warnings = [];
const cut = new Set();

/** Runs in the page: draws a card and returns its defects. */
function draw(sample, hostConfig, width) {
    const { AdaptiveCard, HostConfig, SerializationContext, Versions } = AdaptiveCards;
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
    place.style.width = `${width}px`;
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
    if (place.getBoundingClientRect().height < 40 || seen === "") found.push("the picture is empty");
    return { found, offRight: offRight(place) };

    /** The words that leave their place at the right, and the buttons that leave the card. */
    function offRight(place) {
        const off = [];
        const card = place.firstElementChild;
        const edge = card.getBoundingClientRect().right - parseFloat(getComputedStyle(card).paddingRight);
        const report = (what, box, right) => {
            const by = Math.ceil(box.right - right - 0.5);
            if (by > 0) off.push(`${what} runs off by ${by} px`);
        };
        const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        while (texts.nextNode()) {
            const { data, parentElement } = texts.currentNode;
            const block = parentElement.closest(".ac-richTextBlock, .ac-textBlock, .ac-pushButton");
            const right = Math.min(block.getBoundingClientRect().right, edge);
            for (const word of data.matchAll(/\S+/gu)) {
                range.setStart(texts.currentNode, word.index);
                range.setEnd(texts.currentNode, word.index + word[0].length);
                for (const box of range.getClientRects()) report(JSON.stringify(word[0]), box, right);
            }
        }
        for (const button of card.querySelectorAll(".ac-pushButton")) {
            report(`the button ${button.title || button.textContent}`, button.getBoundingClientRect(), edge);
        }
        if (place.scrollWidth > place.clientWidth) off.push(`${place.scrollWidth - place.clientWidth} px are out of sight`);
        return off;
    }
}

await rm(directory, { recursive: true, force: true });
for (const width of WIDTHS) await mkdir(`${directory}/${width}`, { recursive: true });
// Chromium's sandbox does not work for root, and CI runs as root; the pages are our own.
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--force-color-profile=srgb"] });
try {
    const page = await browser.newPage();
    let current = "the empty page";
    page.on("console", (message) => warnings.push(`${current}: ${message.text()}`));
    page.on("pageerror", (error) => warnings.push(`${current}: ${error.message}`));
    await page.setContent(`<!doctype html><meta charset="utf-8"><style>${css}</style><div id="card"></div>`);
    await page.addScriptTag({ path: renderer });
    // TextBlocks hold plain text without markup, so no markdown processor is needed.
    await page.evaluate(() => { AdaptiveCards.AdaptiveCard.onProcessMarkdown = () => {}; });
    for (const width of WIDTHS) {
        await page.setViewport({ width: width + 2 * MARGIN, height: 800, deviceScaleFactor: 1.5 });
        const files = new Set();
        for (const sample of samples) {
            current = `${sample.name} (${width} px)`;
            const file = `${sample.name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}.png`;
            if (files.has(file)) warnings.push(`${current}: another card is drawn to ${file} too`);
            files.add(file);
            const { found, offRight } = await page.evaluate(draw, sample, hostConfig, width);
            if (offRight.length > 0) cut.add(current);
            warnings.push(...[...found, ...offRight].map((text) => `${current}: ${text}`));
            const card = await page.$("#card");
            await writeFile(`${directory}/${width}/${file}`, await card.screenshot());
        }
    }
} finally {
    await browser.close();
}

for (const warning of warnings) console.error(warning);
const drawn = samples.length * WIDTHS.length;
console.log(`${drawn} pictures drawn, ${cut.size} of them run off at the right, ${warnings.length} warnings`);
process.exitCode = warnings.length === 0 && samples.length > 0 ? 0 : 1;
