using Microsoft.Playwright;

namespace Mnist.Tests.Api;

/// <summary>The page in a browser of its own, with all that went wrong in it: console errors, broken policies, requests to other hosts.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    private BrowserPage(IBrowserContext context, IPage page, Uri address)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) => Note(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, error) => Note(true, error);
        page.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            Note(url.Scheme is not "data" and not "blob" && url.Authority != address.Authority, request.Url);
        };
    }

    public IPage Page { get; }

    public ILocator Digit => Page.Locator("#digit");

    public ILocator Headline => Page.Locator("#headline");

    public static async Task<BrowserPage> OpenAsync(IBrowser browser, Uri address, BrowserNewContextOptions? options = null)
    {
        var context = await browser.NewContextAsync(options ?? new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        var page = new BrowserPage(context, await context.NewPageAsync(), address);
        await page.Page.GotoAsync(address.ToString());
        return page;
    }

    /// <summary>Draws a stroke with the mouse through points in 0..1 of the paper.</summary>
    public Task DrawAsync(params (float X, float Y)[] points) => DrawAsync(points, steps: 10);

    /// <param name="points">In 0..1 of the paper.</param>
    /// <param name="steps">How many times the mouse moves from each point to the next.</param>
    public async Task DrawAsync((float X, float Y)[] points, int steps)
    {
        var box = (await Page.Locator("#drawing").BoundingBoxAsync())!;
        await Page.Mouse.MoveAsync(X(points[0]), Y(points[0]));
        await Page.Mouse.DownAsync();
        foreach (var point in points[1..])
        {
            await Page.Mouse.MoveAsync(X(point), Y(point), new MouseMoveOptions { Steps = steps });
        }

        await Page.Mouse.UpAsync();

        float X((float X, float Y) point) => box.X + point.X * box.Width;
        float Y((float X, float Y) point) => box.Y + point.Y * box.Height;
    }

    public Task DrawSevenAsync() => DrawAsync((0.28f, 0.24f), (0.72f, 0.22f), (0.58f, 0.48f), (0.46f, 0.8f));

    public async Task ExpectDigitAsync(string digit) => await Assertions.Expect(Digit).ToHaveTextAsync(digit);

    /// <summary>Writes a picture of the whole page beside the tests, for a person to look at.</summary>
    public async Task PictureAsync(string name)
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "screenshots", $"{name}.png");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true, Animations = ScreenshotAnimations.Disabled });
        TestContext.AddTestAttachment(path);
    }

    public void AssertNoFaults()
    {
        lock (_faults)
        {
            Assert.That(_faults, Is.Empty);
        }
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private void Note(bool isFault, string text)
    {
        if (isFault)
        {
            lock (_faults)
            {
                _faults.Add(text);
            }
        }
    }
}
