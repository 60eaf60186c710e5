using Mnist.Api.Kestrel;

namespace Mnist.Tests.Api;

[TestFixture]
internal sealed class ConnectionLimitTests
{
    [TestCase("20000", ConnectionLimit.Most)]
    [TestCase("1048576", ConnectionLimit.Most)]
    [TestCase("unlimited", ConnectionLimit.Most)]
    [TestCase("1024", 1024 - ConnectionLimit.OwnFiles)]
    [TestCase("416", ConnectionLimit.Fewest)]
    public void Find_LeavesTheProcessItsOwnFiles(string files, int expected) => Assert.That(ConnectionLimit.Find(Limits(files)), Is.EqualTo(expected));

    [Test]
    public void Find_OfTooFewFiles_SaysHowManyItTakes() =>
        Assert.That(() => ConnectionLimit.Find(Limits("415")), Throws.InvalidOperationException.With.Message.Contains("415").And.Message.Contains("416").And.Message.Contains("ulimit -n"));

    private static string Limits(string files) => $"""
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             96146                96146                processes
        Max open files            {files}                {files}                files
        Max locked memory         8388608              8388608              bytes
        """;
}
