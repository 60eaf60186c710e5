using System.Text;
using Mnist.Core.Requests;

namespace Mnist.Tests.Core;

public sealed class Base64TextTests
{
    [Test]
    public void TryDecode_EveryLength_EqualsThePlatform([Range(0, 70)] int length)
    {
        byte[] expected = new byte[length];
        new Random(length).NextBytes(expected);

        bool decoded = Base64Text.TryDecode(Encoding.ASCII.GetBytes(Convert.ToBase64String(expected)), out byte[]? bytes, out string? fault);

        Assert.That(decoded, fault);
        Assert.That(bytes, Is.EqualTo(expected));
    }

    [TestCase("A", "has 1 characters, expected a multiple of 4")]
    [TestCase("AQI", "has 3 characters, expected a multiple of 4")]
    [TestCase("*QID", "character 1 is outside")]
    [TestCase("AQ*D", "character 3 is outside")]
    [TestCase("AQ\u00E9", "character 3 is outside")]
    [TestCase("A-_D", "URL-safe")]
    [TestCase("AQ D", "white space")]
    [TestCase("AQID\nAQID", "white space")]
    [TestCase("AQID\r\n", "white space")]
    [TestCase("data:image/png;base64,AQID", "data: URL")]
    [TestCase("AQ=D", "at the end")]
    [TestCase("====", "at the end")]
    [TestCase("A===", "at the end")]
    [TestCase("AQ==AQID", "at the end")]
    [TestCase("QR==", "at the end")]
    public void TryDecode_NotStrictBase64_SaysWhatToDo(string text, string expected)
    {
        bool decoded = Base64Text.TryDecode(Encoding.UTF8.GetBytes(text), out byte[]? bytes, out string? fault);

        Assert.That(decoded, Is.False);
        Assert.That(bytes, Is.Null);
        Assert.That(fault, Does.Contain(expected));
    }
}
