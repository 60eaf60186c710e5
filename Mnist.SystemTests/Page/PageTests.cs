using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Mnist.SystemTests.Page;

/// <summary>The page at <c>/</c>.</summary>
public sealed class PageTests : PageFixture
{
    /// <summary>WCAG 2.2 AA: contrast of text against its background.</summary>
    private const double LeastContrast = 4.5;

    [Test]
    public async Task Seven_DrawnWithTheMouse_IsRead()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await page.DrawSevenAsync();

        await page.ExpectDigitAsync("7");
        await Assertions.Expect(page.Page.Locator("#bars li.best span").First).ToHaveTextAsync("7");
        await Assertions.Expect(page.Page.Locator("#model")).ToHaveTextAsync(new Regex("^[0-9a-f]{12}$"));
        await page.PictureAsync("desktop");
        page.AssertNoErrors();
    }

    [Test]
    public async Task UndoAndClear_AfterAnAnswer_RemoveIt()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await page.DrawSevenAsync();
        await page.ExpectDigitAsync("7");
        await page.DrawAsync((0.3f, 0.5f), (0.8f, 0.52f));
        await page.Page.ClickAsync("#undo");
        await page.ExpectDigitAsync("7");
        await page.Page.ClickAsync("#clear");

        await Assertions.Expect(page.Headline).ToHaveTextAsync("Nothing yet");
        await Assertions.Expect(page.Page.Locator("#undo")).ToBeDisabledAsync();
        page.AssertNoErrors();
    }

    [Test]
    public async Task Requests_WhileDrawing_AreSentOneAtATime()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        int inFlight = 0;
        int most = 0;
        await page.Page.RouteAsync("**/mnist/classify*", async route =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inFlight));
            await Task.Delay(150);
            Interlocked.Decrement(ref inFlight);
            await route.ContinueAsync();
        });

        // A one first; the bar makes it a seven while the request for the one is in flight.
        await page.DrawAsync((0.72f, 0.22f), (0.46f, 0.8f));
        await page.DrawAsync((0.28f, 0.24f), (0.72f, 0.22f));

        await page.ExpectDigitAsync("7");
        Assert.That(most, Is.EqualTo(1));
        page.AssertNoErrors();
    }

    [Test]
    public async Task Keyboard_Alone_DrawsAndPicksASample()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        var keyboard = page.Page.Keyboard;
        await FocusByTabAsync(page, "drawing");
        await keyboard.PressAsync("Space");
        for (int i = 0; i < 9; i++)
        {
            await keyboard.PressAsync("ArrowDown");
        }

        await keyboard.PressAsync("Space");
        await page.ExpectDigitAsync("1");
        await Assertions.Expect(page.Page.Locator("#live")).ToContainTextAsync("one,");
        await keyboard.PressAsync("Delete");
        await Assertions.Expect(page.Headline).ToHaveTextAsync("Nothing yet");

        await page.Page.Locator(".sample").Nth(1).FocusAsync();
        await keyboard.PressAsync("Enter");
        await page.ExpectDigitAsync("2");
        page.AssertNoErrors();
    }

    [Test]
    public async Task Explanation_OfASample_ColoursPixels()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await page.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.Page.Locator(".sample").First.ClickAsync();
        await page.ExpectDigitAsync("7");
        await page.Page.ClickAsync("#explain");
        await Assertions.Expect(page.Page.Locator("#seen")).ToHaveAttributeAsync("aria-label", new Regex("decided$"));
        Assert.That(
            await page.Page.EvaluateAsync<bool>("document.getElementById('heat').getContext('2d').getImageData(0, 0, 28, 28).data.some((value, i) => i % 4 === 3 && value > 200)"));
        await page.Page.ClickAsync("#curl");
        await Assertions.Expect(page.Page.Locator("#curl")).ToHaveTextAsync("Copied");
        string command = await page.Page.EvaluateAsync<string>("navigator.clipboard.readText()");

        RequiredProgram.Check("curl", "--version");
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true })!;
        Assert.That(await shell.StandardOutput.ReadToEndAsync(), Does.StartWith("{\"responses\":[{\"class\":7,").And.Contain("\"explanation\":[["));
        page.AssertNoErrors();
    }

    [Test]
    public async Task Answer_OnAPhone_IsInViewWithThePaper()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address, Playwright.Devices["iPhone 13"]);
        await page.DrawSevenAsync();
        await page.ExpectDigitAsync("7");

        await Assertions.Expect(page.Digit).ToBeInViewportAsync();
        var paper = (await page.Page.Locator("#drawing").BoundingBoxAsync())!;
        Assert.That(paper.Y + paper.Height, Is.LessThanOrEqualTo(page.Page.ViewportSize!.Height));
        Assert.That(await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth"), Is.Zero, "scrolls sideways");
        await page.PictureAsync("phone");
        page.AssertNoErrors();
    }

    [Test]
    public async Task Drawing_OnASmallPhone_DoesNotMoveThePaper()
    {
        await using var page = await BrowserPage.OpenAsync(
            Browser, Address, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 320, Height = 568 }, IsMobile = true, HasTouch = true });
        float top = await TopAsync();
        await page.DrawAsync((0.3f, 0.5f), (0.7f, 0.5f));
        await Assertions.Expect(page.Headline).ToHaveTextAsync("A little more");
        Assert.That(await TopAsync(), Is.EqualTo(top));

        await page.Page.ClickAsync("#clear");
        await page.DrawAsync((0.1f, 0.1f), (0.9f, 0.9f), (0.9f, 0.1f), (0.1f, 0.9f), (0.1f, 0.1f), (0.5f, 0.9f), (0.9f, 0.2f));
        await Assertions.Expect(page.Headline).ToHaveTextAsync("Not a digit");
        Assert.That(await TopAsync(), Is.EqualTo(top));

        await page.Page.ClickAsync("#clear");
        await page.DrawSevenAsync();
        await page.ExpectDigitAsync("7");
        Assert.That(await TopAsync(), Is.EqualTo(top));
        page.AssertNoErrors();

        async Task<float> TopAsync() => (await page.Page.Locator("#drawing").BoundingBoxAsync())!.Y + await page.Page.EvaluateAsync<float>("scrollY");
    }

    [Test]
    public async Task Explanation_OnAPhone_KeepsTheAnswerInView()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address, Playwright.Devices["iPhone 13"]);
        await page.Page.Locator(".sample").Last.TapAsync();
        await page.ExpectDigitAsync("6");
        await page.Page.Locator("#explain").TapAsync();
        await Assertions.Expect(page.Page.Locator("#seen")).ToHaveAttributeAsync("aria-label", new Regex("decided$"));

        await Assertions.Expect(page.Digit).ToBeInViewportAsync(new LocatorAssertionsToBeInViewportOptions { Ratio = 1 });
        await Assertions.Expect(page.Page.Locator("#heat")).ToBeInViewportAsync(new LocatorAssertionsToBeInViewportOptions { Ratio = 0.99f });
        page.AssertNoErrors();
    }

    [Test]
    public async Task SeveralDigits_Drawn_AreReadAsANumberUntilUndo()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        string path = string.Empty;
        page.Page.Request += (_, request) => path = new Uri(request.Url).AbsolutePath;
        await page.DrawAsync((0.2f, 0.3f), (0.2f, 0.75f));
        await page.DrawAsync((0.5f, 0.3f), (0.85f, 0.28f), (0.75f, 0.5f), (0.66f, 0.75f));
        await page.ExpectDigitAsync("17");
        await Assertions.Expect(page.Page.Locator("#bars li:visible > span:first-child")).ToHaveTextAsync(["1", "7"]);

        // The number may be shown before the last request, which is for one digit first, has been sent.
        Assert.That(() => path, Is.EqualTo("/mnist/read").After(5000, 20));

        await page.Page.ClickAsync("#undo");
        await page.ExpectDigitAsync("1");
        await Assertions.Expect(page.Page.Locator("#bars li:visible")).ToHaveCountAsync(10);
    }

    /// <summary>Draws docs/page.png, as docs/guides/page.md says.</summary>
    [Test]
    public async Task Three_WithItsExplanation_IsThePictureOfThePage()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await page.Page.ClickAsync("#explain");
        await page.DrawAsync([.. Arc(0.32f, 0.17f, 215, 450), .. Arc(0.66f, 0.2f, 270, 500)], steps: 1);

        await page.ExpectDigitAsync("3");
        await Assertions.Expect(page.Page.Locator("#seen")).ToHaveAttributeAsync("aria-label", new Regex("decided$"));
        await page.PictureAsync("page");
        page.AssertNoErrors();

        // Clockwise, in degrees from the right, around the middle of the paper.
        static IEnumerable<(float X, float Y)> Arc(float centreY, float radius, int from, int to) => Enumerable.Range(0, 21)
            .Select(i => float.DegreesToRadians(from + (to - from) * i / 20f)).Select(angle => (0.5f + radius * MathF.Cos(angle), centreY + radius * MathF.Sin(angle)));
    }

    [Test]
    public async Task Text_InBothColourSchemes_HasContrast([Values] bool isDark)
    {
        await using var page = await BrowserPage.OpenAsync(
            Browser, Address, new BrowserNewContextOptions { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light, ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        await page.Page.Locator(".sample").Nth(9).ClickAsync();
        await page.ExpectDigitAsync("?");
        string[] pairs = await page.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("h1, h2, p, a, button, label.button, dt, dd, figcaption, #bars span")]
              .filter(element => element.textContent.trim() && !element.disabled && element.checkVisibility() && element.childElementCount === 0)
              .map(element => {
                let background = element;
                while (getComputedStyle(background).backgroundColor === "rgba(0, 0, 0, 0)") background = background.parentElement;
                return `${getComputedStyle(element).color};${getComputedStyle(background).backgroundColor};${element.textContent}`;
              })
            """);

        Assert.That(pairs, Has.Length.GreaterThan(30));
        Assert.That(pairs.Where(pair => Contrast(pair.Split(';')) < LeastContrast), Is.Empty);
        if (isDark)
        {
            await page.PictureAsync("dark");
        }
    }

    [Test]
    public async Task Files_OfThePage_AreSmallAndCached()
    {
        long bytes = new DirectoryInfo(Repository.PathOf("Mnist.Api", "wwwroot")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.That(bytes, Is.LessThan(100_000));

        using var first = await Server.Client.GetAsync(Address);
        using var again = new HttpRequestMessage(HttpMethod.Get, Address) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var second = await Server.Client.SendAsync(again);
        using var head = await Server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Address));
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(first.Content.Headers.ContentLength));
        Assert.That(first.Headers.CacheControl!.NoCache, Is.True);
        Assert.That(first.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("script-src 'self';").And.Not.Contain("unsafe"));
    }

    private static async Task FocusByTabAsync(BrowserPage page, string id)
    {
        for (int i = 0; i < 20 && await page.Page.EvaluateAsync<string>("document.activeElement.id") != id; i++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
        }

        Assert.That(await page.Page.EvaluateAsync<string>("document.activeElement.id"), Is.EqualTo(id));
    }

    /// <summary>WCAG's ratio of two colours such as <c>rgb(28, 27, 25)</c>.</summary>
    private static double Contrast(string[] pair)
    {
        double[] luminances = [.. pair.Take(2).Select(Luminance)];
        return (luminances.Max() + 0.05) / (luminances.Min() + 0.05);
    }

    private static double Luminance(string colour)
    {
        double[] linear = [.. colour.Split('(', ',', ')').Skip(1).Take(3).Select(text => double.Parse(text, CultureInfo.InvariantCulture) / 255)
            .Select(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4))];
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    }
}
