using Microsoft.Playwright;

namespace Mnist.SystemTests.Page;

/// <summary>Input by touch, pen, camera, drop, upload and paste.</summary>
public sealed class PageInputTests : PageFixture
{
    [TestCase("touch")]
    [TestCase("pen")]
    public async Task Seven_DrawnWithAFingerOrAPen_IsRead(string tool)
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address, Playwright.Devices["iPhone 13"]);
        await page.Page.EvaluateAsync("document.addEventListener('pointerdown', event => { document.title = event.pointerType; }, true)");
        await (tool == "touch" ? page.DrawSevenByTouchAsync() : page.DrawSevenByPenAsync());

        await page.ExpectDigitAsync("7");
        await Assertions.Expect(page.Page).ToHaveTitleAsync(tool);
        page.AssertNoErrors();
    }

    [Test]
    public async Task Photo_TakenOrDropped_IsRead()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await ReadSevenFromAsync(page, "#camera");
        await SendFourAsync(page, "new DragEvent('dragenter', { dataTransfer: data })");
        await Assertions.Expect(page.Page.GetByText("Drop the image to read it")).ToBeVisibleAsync();
        await SendFourAsync(page, "new DragEvent('drop', { dataTransfer: data, cancelable: true })");
        await page.ExpectDigitAsync("4");
        await Assertions.Expect(page.Page.Locator("#drop")).ToBeHiddenAsync();
        page.AssertNoErrors();
    }

    [Test]
    public async Task Image_UploadedOrPasted_IsRead()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await ReadSevenFromAsync(page, "#file");
        await SendFourAsync(page, "new ClipboardEvent('paste', { clipboardData: data })");
        await page.ExpectDigitAsync("4");
        page.AssertNoErrors();
    }

    [Test]
    public async Task File_ThatIsNoImage_ShowsANotice()
    {
        await using var page = await BrowserPage.OpenAsync(Browser, Address);
        await page.Page.SetInputFilesAsync("#file", new FilePayload { Name = "text.txt", MimeType = "text/plain", Buffer = "seven"u8.ToArray() });

        await Assertions.Expect(page.Page.Locator("#notice")).ToContainTextAsync("not an image");
        page.AssertNoErrors();
    }

    /// <summary>Clears the paper afterwards.</summary>
    private static async Task ReadSevenFromAsync(BrowserPage page, string input)
    {
        await page.Page.SetInputFilesAsync(input, Repository.PathOf("docs", "seven.png"));
        await page.ExpectDigitAsync("7");
        await page.Page.ClickAsync("#clear");
    }

    /// <summary>Dispatches an event with a sample, which <paramref name="newEvent"/> names <c>data</c>.</summary>
    private static async Task SendFourAsync(BrowserPage page, string newEvent) => await page.Page.EvaluateAsync($$"""
        async () => {
          const blob = await (await fetch("samples/4_00004.png")).blob();
          const data = new DataTransfer();
          data.items.add(new File([blob], "digit.png", { type: "image/png" }));
          document.dispatchEvent({{newEvent}});
        }
        """);
}
