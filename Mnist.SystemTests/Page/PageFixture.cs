using Microsoft.Playwright;

namespace Mnist.SystemTests.Page;

/// <summary>A server with the shipped weights, and Debian's Chromium.</summary>
[NonParallelizable]
public abstract class PageFixture
{
    private const string Chromium = "/usr/bin/chromium";

    private protected MnistServer Server { get; private set; } = null!;

    protected IPlaywright Playwright { get; private set; } = null!;

    protected IBrowser Browser { get; private set; } = null!;

    protected Uri Address => Server.Client.BaseAddress!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        RequiredProgram.Check(Chromium, "--version");
        Server = MnistServer.StartShipped();
        Playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        Browser = await Playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        Playwright?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }
}
