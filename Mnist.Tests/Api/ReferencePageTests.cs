using System.Text.RegularExpressions;

namespace Mnist.Tests.Api;

/// <summary>The interactive reference: there in development, and made of nothing from elsewhere.</summary>
[CancelAfter(60_000)]
public sealed partial class ReferencePageTests
{
    private static readonly Uri Page = new("/reference/", UriKind.Relative);

    [Test]
    public async Task Page_RunsOnlyScriptsOfItsOwn()
    {
        using var response = await SharedServer.Server.Client.GetAsync(Page);
        string html = await response.Content.ReadAsStringAsync();
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        string nonce = Nonce().Match(policy).Groups[1].Value;
        string[] scripts = [.. Script().Matches(html).Select(match => match.Groups[1].Value)];

        Assert.That((int)response.StatusCode, Is.EqualTo(200), html);
        Assert.That(policy, Does.StartWith("default-src 'none'; script-src 'self' 'nonce-").And.Contain("connect-src 'self'").And.Not.Contain("http"));
        Assert.That(nonce, Has.Length.EqualTo(32));
        Assert.That(scripts, Is.Not.Empty.And.All.Contain($"nonce=\"{nonce}\""));
        Assert.That(Address().Matches(html).Select(match => match.Value), Is.Empty, "other hosts");
        foreach (string source in Source().Matches(html).Select(match => match.Groups[1].Value))
        {
            using var script = await SharedServer.Server.Client.GetAsync(new Uri($"/reference/{source}", UriKind.Relative));
            Assert.That((int)script.StatusCode, Is.EqualTo(200), source);
        }

        using var again = await SharedServer.Server.Client.GetAsync(Page);
        Assert.That(again.Headers.GetValues("Content-Security-Policy").Single(), Is.Not.EqualTo(policy), "a nonce is used once");
    }

    [Test]
    public async Task Page_InProduction_IsNotFound()
    {
        await using var server = MnistServer.Start(("environment", "Production"));
        using var response = await server.Client.GetAsync(Page);

        await ProblemAssert.IsProblemAsync(response, 404, "not-found");
    }

    [GeneratedRegex("'nonce-([^']+)'")]
    private static partial Regex Nonce();

    [GeneratedRegex("<script([^>]*)>")]
    private static partial Regex Script();

    [GeneratedRegex("<script[^>]* src=\"([^\"]+)\"")]
    private static partial Regex Source();

    [GeneratedRegex("(https?:)?//[a-z0-9-]+\\.[a-z]+")]
    private static partial Regex Address();
}
