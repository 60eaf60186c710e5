namespace Mnist.Tests.Client;

/// <summary>The JSON samples that pin both sides of the wire.</summary>
internal static class ContractSample
{
    public static string Read(string name)
        => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "Contract", name)).TrimEnd();
}
