using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Mnist.Client;

namespace Mnist.Tests.Client;

internal sealed class AddMnistClientTests
{
    private static readonly TestCaseData<Action<MnistClientOptions>, string>[] BadOptions =
    [
        new(options => options.BaseAddress = new Uri("/relative", UriKind.Relative), "BaseAddress"),
        new(options => options.BaseAddress = new Uri("ftp://127.0.0.1/"), "BaseAddress"),
        new(options => options.BaseAddress = new Uri("http://127.0.0.1/?a=b"), "BaseAddress"),
        new(options => options.BaseAddress = null!, "BaseAddress"),
        new(options => options.MaxImagesPerRequest = 0, "MaxImagesPerRequest"),
        new(options => options.AttemptTimeout = TimeSpan.Zero, "AttemptTimeout"),
        new(options => options.AttemptTimeout = TimeSpan.FromMinutes(1), "AttemptTimeout"),
        new(options => options.TotalTimeout = TimeSpan.FromDays(2), "TotalTimeout"),
        new(options => options.MaxRetries = -1, "MaxRetries"),
        new(options => options.MaxRetries = 11, "MaxRetries"),
    ];

    [TestCaseSource(nameof(BadOptions))]
    public async Task AddMnistClient_InvalidOptions_FailAtHostStart(Action<MnistClientOptions> configure, string option)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMnistClient(configure);
        using var host = builder.Build();

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.That(failure.Message, Does.Contain(option));
    }

    [Test]
    public void AddMnistClient_Twice_Throws()
    {
        var services = new ServiceCollection();
        services.AddMnistClient();

        Assert.That(() => services.AddMnistClient(), Throws.InvalidOperationException);
    }

    [Test]
    public async Task AddMnistClient_Builder_ConfiguresTheHttpClient()
    {
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        var services = new ServiceCollection();
        services.AddMnistClient(options => options.BaseAddress = server.Address)
            .ConfigureHttpClient(http => http.DefaultRequestHeaders.Add("X-Api-Key", "secret"));
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<MnistClient>().ClassifyAsync([1]);

        Assert.That(server.Requests.Single().Headers["X-Api-Key"], Is.EqualTo("secret"));
    }
}
