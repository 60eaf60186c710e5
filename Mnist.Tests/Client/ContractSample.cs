namespace Mnist.Tests.Client;

/// <summary>The JSON samples that both the service and the client are tested against.</summary>
internal static class ContractSample
{
    public static string Read(string name)
        => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "Contract", name)).TrimEnd();
}
