namespace Mnist.Tests.Api;

/// <summary>One server for all tests that leave it as they found it. A test that follows a bad request proves that it still works.</summary>
[SetUpFixture]
public sealed class SharedServer
{
    internal static MnistServer Server { get; private set; } = null!;

    [OneTimeSetUp]
    public void Start() => Server = MnistServer.Start();

    [OneTimeTearDown]
    public async Task StopAsync() => await Server.DisposeAsync();
}
