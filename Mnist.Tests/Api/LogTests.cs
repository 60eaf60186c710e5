using System.Diagnostics;
using System.Net;
using System.Text;
using Mnist.Api.Controllers;
using Mnist.Tests.Core;

namespace Mnist.Tests.Api;

/// <summary>What the server writes, and what happens when nobody takes it.</summary>
[CancelAfter(60_000)]
public sealed class LogTests
{
    private const string Escape = "\u001b[31m";

    [Test]
    public async Task Lines_WhateverClientsSend_AreOneJsonObjectEach(CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.Start(address.ToString(), [.. RandomWeights.Arguments]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
        using var client = new HttpClient { BaseAddress = address };
        string[] paths = ["a%0D%0Ab", Uri.EscapeDataString(Escape), "%E2%80%A8", "%7B0%7D%7B@x%7D", "$%7Bjndi:ldap:%7D", "%22%7D", new('a', 1500)];
        foreach (string path in paths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/{path}?{path}");
            request.Headers.TryAddWithoutValidation("User-Agent", "{0} ${jndi:ldap:}");
            using var response = await client.SendAsync(request, cancellationToken);
            Assert.That((int)response.StatusCode, Is.EqualTo(404).Or.EqualTo(414));
        }

        server.Signal("INT");
        var (_, error) = await server.ExitAsync(cancellationToken);
        Assert.That(server.LogLines().Count(line => line.TryGetProperty("StatusCode", out _)), Is.EqualTo(paths.Length - 1), "a path that is too long never becomes a request");
        Assert.That(server.Output, Does.Match(@"^[ -~\n]*$"), "nothing that a terminal or a reader of lines could take for something else");
        Assert.That(error, Is.Empty);
    }

    [Test]
    [Platform(Include = "Linux", Reason = "needs a device that is always full")]
    public async Task Output_OnAFullDisk_IsGivenUpAndCounted(CancellationToken cancellationToken)
    {
        var (address, management) = (Address(), Address());
        using var shell = Start($"exec dotnet \"$0\" \"$@\" > /dev/full", address, $"--Mnist:ManagementUrl={management}");
        using var client = new HttpClient();
        try
        {
            await SendAsync(client, address, 20, cancellationToken);
            await Task.Delay(500, cancellationToken);
            string metrics = await client.GetStringAsync(new Uri(management, "metrics"), cancellationToken);

            Assert.That(metrics, Does.Match(@"mnist_log_dropped_total\{[^}]*\} [1-9]"));
        }
        finally
        {
            shell.Kill();
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "starts a Unix shell")]
    public async Task Output_ThatNobodyReads_StopsNoRequest(CancellationToken cancellationToken)
    {
        var address = Address();
        using var shell = Start("exec dotnet \"$0\" \"$@\"", address);
        using var client = new HttpClient();
        try
        {
            // A pipe holds 64 KiB, and a line has more than 200 bytes.
            await SendAsync(client, address, 600, cancellationToken);
        }
        finally
        {
            shell.Kill();
        }
    }

    private static Uri Address() => new($"http://127.0.0.1:{ServerProcess.FreePort()}");

    private static Process Start(string command, Uri address, params string[] arguments) => Process.Start(new ProcessStartInfo(
        "bash", ["-c", command, typeof(ClassifyController).Assembly.Location, $"--urls={address}", .. RandomWeights.Arguments, .. arguments])
    {
        RedirectStandardOutput = true,
    })!;

    /// <summary>Sends requests that are logged, and waits for every answer; the first until the server is there.</summary>
    private static async Task SendAsync(HttpClient client, Uri address, int requests, CancellationToken cancellationToken)
    {
        for (int i = 0; i < requests;)
        {
            try
            {
                using var content = new StringContent("{}", Encoding.UTF8, "application/json");
                using var response = await client.PostAsync(new Uri(address, MnistServer.Path), content, cancellationToken);
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
                i++;
            }
            catch (HttpRequestException) when (i == 0)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }
}
