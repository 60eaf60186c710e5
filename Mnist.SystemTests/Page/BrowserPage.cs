using Microsoft.Playwright;

namespace Mnist.SystemTests.Page;

/// <summary>The page in a new browser context. Records console messages, page errors, policy violations and requests to other hosts.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private static readonly (float X, float Y)[] Seven = [(0.28f, 0.24f), (0.72f, 0.22f), (0.58f, 0.48f), (0.46f, 0.8f)];

    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

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

    /// <summary>Draws a stroke with the mouse through points on the paper, each coordinate from 0 to 1.</summary>
    public Task DrawAsync(params (float X, float Y)[] points) => DrawAsync(points, steps: 10);

    /// <param name="points">Points on the paper, each coordinate from 0 to 1.</param>
    /// <param name="steps">Mouse moves from each point to the next.</param>
    public async Task DrawAsync((float X, float Y)[] points, int steps)
    {
        var places = await PlacesAsync(points);
        await Page.Mouse.MoveAsync(places[0].X, places[0].Y);
        await Page.Mouse.DownAsync();
        foreach (var (x, y) in places[1..])
        {
            await Page.Mouse.MoveAsync(x, y, new MouseMoveOptions { Steps = steps });
        }

        await Page.Mouse.UpAsync();
    }

    public Task DrawSevenAsync() => DrawAsync(Seven);

    /// <summary>Draws a seven with a finger.</summary>
    public Task DrawSevenByTouchAsync() => DrawSevenAsync((session, step, place) => session.SendAsync("Input.dispatchTouchEvent", new()
    {
        ["type"] = step switch { Step.Down => "touchStart", Step.Move => "touchMove", _ => "touchEnd" },
        ["touchPoints"] = step == Step.Up ? Array.Empty<object>() : new[] { new { x = place.X, y = place.Y } },
    }));

    /// <summary>Draws a seven with a pen, such as a tablet's.</summary>
    public Task DrawSevenByPenAsync() => DrawSevenAsync((session, step, place) => session.SendAsync("Input.dispatchMouseEvent", new()
    {
        ["type"] = step switch { Step.Down => "mousePressed", Step.Move => "mouseMoved", _ => "mouseReleased" },
        ["pointerType"] = "pen",
        ["button"] = "left",
        ["buttons"] = step == Step.Up ? 0 : 1,
        ["clickCount"] = 1,
        ["x"] = place.X,
        ["y"] = place.Y,
    }));

    public async Task ExpectDigitAsync(string digit) => await Assertions.Expect(Digit).ToHaveTextAsync(digit);

    /// <summary>Writes a screenshot of the whole page to the folder of the tests.</summary>
    public async Task PictureAsync(string name)
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "screenshots", $"{name}.png");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true, Animations = ScreenshotAnimations.Disabled });
        TestContext.AddTestAttachment(path);
    }

    public void AssertNoErrors()
    {
        lock (_errors)
        {
            Assert.That(_errors, Is.Empty);
        }
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private enum Step
    {
        Down,
        Move,
        Up,
    }

    private async Task DrawSevenAsync(Func<ICDPSession, Step, (float X, float Y), Task> send)
    {
        const int Moves = 10;
        var session = await Page.Context.NewCDPSessionAsync(Page);
        var places = await PlacesAsync(Seven);
        await send(session, Step.Down, places[0]);
        foreach (var (from, to) in places.Zip(places[1..]))
        {
            for (float share = 1f / Moves; share < 1 + (0.5f / Moves); share += 1f / Moves)
            {
                await send(session, Step.Move, (float.Lerp(from.X, to.X, share), float.Lerp(from.Y, to.Y, share)));
            }
        }

        await send(session, Step.Up, places[^1]);
    }

    /// <summary>Coordinates on the page of points on the paper.</summary>
    private async Task<(float X, float Y)[]> PlacesAsync((float X, float Y)[] points)
    {
        var box = (await Page.Locator("#drawing").BoundingBoxAsync())!;
        return [.. points.Select(point => (box.X + (point.X * box.Width), box.Y + (point.Y * box.Height)))];
    }

    private void Note(bool isError, string text)
    {
        if (isError)
        {
            lock (_errors)
            {
                _errors.Add(text);
            }
        }
    }
}
