namespace Mnist.Tests.Api;

public sealed class ClassifyTests
{
    [Test]
    public async Task Smoke()
    {
        using var server = MnistServer.Start();
        await server.AssertStillWorksAsync();
        TestContext.Out.WriteLine(await (await server.PostAsync("{}")).Content.ReadAsStringAsync());
        TestContext.Out.WriteLine(await server.Client.GetStringAsync("/openapi/v1.json"));
    }
}
