using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Mnist.SystemTests.Page;

/// <summary>The page with a server that is slow, unreachable or requires a key, with a model without detector, and with rejected images.</summary>
public sealed class PageTroubleTests : PageFixture
{
    private const string AnyRequest = "**/mnist/*";

    private static readonly Regex Waiting = new(@"\bwaiting\b");

    [Test]
    public async Task SlowServer_ShowsThatThePageWaits()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        var answers = new SemaphoreSlim(0);
        await page.Page.RouteAsync(AnyRequest, async route =>
        {
            await answers.WaitAsync();
            await route.ContinueAsync();
        });
        await page.DrawSevenAsync();
        await Assertions.Expect(page.Headline).ToHaveTextAsync("Reading …");

        answers.Release(100);
        await page.ExpectDigitAsync("7");
        await Assertions.Expect(page.Page.Locator("#verdict")).Not.ToHaveClassAsync(Waiting);

        await page.Page.UnrouteAsync(AnyRequest);
        await page.Page.RouteAsync(AnyRequest, _ => Task.CompletedTask);
        await page.DrawAsync((0.4f, 0.5f), (0.7f, 0.52f));
        await Assertions.Expect(page.Page.Locator("#verdict")).ToHaveClassAsync(Waiting);
        await page.Page.ClickAsync("#clear");
        await Assertions.Expect(page.Page.Locator("#verdict")).Not.ToHaveClassAsync(Waiting);
        page.AssertNoErrors();
    }

    [Test]
    public async Task HungRequest_DoesNotDelayTheNextDrawing()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await page.Page.RouteAsync(AnyRequest, _ => Task.CompletedTask);
        await page.DrawAsync((0.5f, 0.2f), (0.5f, 0.8f));
        await page.Page.ClickAsync("#clear");
        await page.Page.UnrouteAsync(AnyRequest);
        await page.DrawSevenAsync();

        await page.ExpectDigitAsync("7");
    }

    [Test]
    public async Task Model_WithoutDetector_IsRequestedWithoutReject()
    {
        await using var server = MnistServer.Start();
        await using var page = await BrowserPage.OpenAsync(Browser, server.Client.BaseAddress!);
        await page.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var queries = new List<string>();
        page.Page.Request += (_, request) => queries.AddRange(request.Method == "POST" ? [new Uri(request.Url).Query] : []);
        await page.DrawSevenAsync();
        await Assertions.Expect(page.Page.Locator("#model")).ToHaveTextAsync(new Regex("^[0-9a-f]{12}$"));

        await page.DrawAsync((0.4f, 0.5f), (0.7f, 0.52f));
        await page.Page.ClickAsync("#curl");
        await Assertions.Expect(page.Page.Locator("#curl")).ToHaveTextAsync("Copied");
        Assert.That(await page.Page.EvaluateAsync<string>("navigator.clipboard.readText()"), Does.Contain("preview=true").And.Not.Contain("reject"));
        Assert.That(queries.Where(query => query.Contains("reject", StringComparison.Ordinal)), Has.Exactly(1).Items);
    }

    [Test]
    public async Task UnreachableServer_IsReportedAndRetried()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await page.Page.RouteAsync(AnyRequest, route => route.AbortAsync());
        await page.DrawSevenAsync();
        await Assertions.Expect(page.Page.Locator("#detail")).ToHaveTextAsync("The server does not answer. Trying again.");

        await page.Page.UnrouteAsync(AnyRequest);
        await page.ExpectDigitAsync("7");
    }

    [Test]
    public async Task ServerWithKeys_GetsTheEnteredKey()
    {
        const string Key = "mnist_key-of-a-person";
        await using var server = MnistServer.StartShipped(
            ("Mnist:ApiKeys:0:Name", "person"), ("Mnist:ApiKeys:0:Hash", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))));
        await using var page = await BrowserPage.OpenAsync(Browser, server.Client.BaseAddress!);
        await page.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var field = page.Page.GetByLabel("This server asks for a key:");
        await page.DrawSevenAsync();

        await field.FillAsync("mnist_other");
        await field.PressAsync("Enter");
        await Assertions.Expect(page.Page.Locator("#detail")).ToHaveTextAsync("The server does not know this key.");
        await field.FillAsync(Key);
        await field.PressAsync("Enter");
        await page.ExpectDigitAsync("7");
        await Assertions.Expect(field).ToBeHiddenAsync();

        await page.Page.ClickAsync("#curl");
        await Assertions.Expect(page.Page.Locator("#curl")).ToHaveTextAsync("Copied");
        string command = await page.Page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.That(command, Does.Contain("-H \"Authorization: Bearer $MNIST_API_KEY\"").And.Not.Contain(Key));
    }

    [Test]
    public async Task RejectedImage_ShowsTheErrorWithoutItsPath()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        string problem = await File.ReadAllTextAsync(Repository.PathOf("Mnist.Tests", "Data", "Contract", "problem-invalid-image.json"));
        await page.Page.RouteAsync(AnyRequest, route => route.FulfillAsync(new RouteFulfillOptions { Status = 422, ContentType = "application/problem+json", Body = problem }));
        await page.Page.SetInputFilesAsync("#file", Repository.PathOf("docs", "seven.png"));

        await Assertions.Expect(page.Page.Locator("#detail")).ToHaveTextAsync(new Regex("^The image is 27x28 pixels;"));
    }
}
