using System.Buffers;
using System.Text;
using Mnist.Core;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;

namespace Mnist.Tests.Core;

public sealed class RequestParserTests
{
    private static readonly MnistOptions Options = new() { MaxImagesPerRequest = 3 };

    [TestCase(0)]
    [TestCase(4)]
    [TestCase(50_000)]
    public void Parse_NumberOfImagesOutOfRange_TellsTheNumber(int count)
    {
        var (request, faults) = Parse(MnistServer.Body(Enumerable.Repeat("x", count)));

        Assert.That(request is null || request.Requests.Count == 0);
        Assert.That(faults.BreaksContract);
        Assert.That(faults.Messages["requests"].Single(), Does.Contain($"has {count} images; expected 1 to 3"));
    }

    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(ClassifyRequestValidator.MaxImageBytes, true)]
    [TestCase(ClassifyRequestValidator.MaxImageBytes + 1, false)]
    public void Parse_SizeOfAFile_IsLimited(int bytes, bool accepted)
    {
        var (_, faults) = Parse(MnistServer.Body("AQID", Convert.ToBase64String(new byte[bytes])));

        Assert.That(faults.Messages.Keys, accepted ? Is.Empty : Is.EqualTo(new[] { "requests[1].image" }));
        Assert.That(faults.Messages.Values.SelectMany(messages => messages), accepted ? Is.Empty : Is.EqualTo(
            new[] { $"has {bytes} bytes; expected an image file of 1 to 16384 bytes, without metadata. Photos need 'normalize'." }));
    }

    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(ClassifyRequestValidator.MaxPhotoBytes, true)]
    [TestCase(ClassifyRequestValidator.MaxPhotoBytes + 1, false)]
    public void Parse_SizeOfAPhoto_IsLimited(int bytes, bool accepted)
    {
        var (_, faults) = Parse(MnistServer.Body("AQID", Convert.ToBase64String(new byte[bytes])), normalize: true);

        Assert.That(faults.Messages.Keys, accepted ? Is.Empty : Is.EqualTo(new[] { "requests[1].image" }));
        Assert.That(faults.Messages.Values.SelectMany(messages => messages), accepted ? Is.Empty : Is.EqualTo(
            new[] { $"has {bytes} bytes; expected an image file of 1 to 10485760 bytes. Scale a larger one down or save it as JPEG." }));
    }

    [Test]
    public void Parse_TooManyGoodImages_IsOneFault()
    {
        var (_, faults) = Parse(MnistServer.Body(Enumerable.Repeat("AQID", 4)));

        Assert.That(faults.Messages.Keys, Is.EqualTo(new[] { "requests" }));
    }

    [Test]
    public void Parse_OfNoRequest_GivesNone() => Assert.That(Parse("null").Request, Is.Null);

    [Test]
    public void Decode_FaultsOfEveryKind_AreReportedTogether()
    {
        var (request, faults) = Parse(MnistServer.Body("A", "AQID", ""));
        RequestParser.Decode(request!, new byte[3 * DigitImage.PixelCount], faults);

        Assert.That(faults.BreaksContract);
        Assert.That(faults.Messages.Keys, Is.EqualTo(new[] { "requests[0].image", "requests[1].image", "requests[2].image" }));
        Assert.That(faults.Messages.Values.Select(messages => messages.Length), Is.All.EqualTo(1));
        Assert.That(faults.Messages["requests[1].image"].Single(), Does.StartWith("is not an image"));
        Assert.That(faults.Summary, Does.StartWith("3 faults"));
    }

    [Test]
    public void Decode_ImageFaultsAlone_DoNotBreakTheContract()
    {
        var (request, faults) = Parse(MnistServer.Body(TestDigits.Base64(), "AQID"));
        RequestParser.Decode(request!, new byte[3 * DigitImage.PixelCount], faults);

        Assert.That(faults.BreaksContract, Is.False);
        Assert.That(faults.Summary, Does.StartWith("requests[1].image is not an image"));
    }

    [Test]
    public void Decode_GoodImages_KeepTheirOrder()
    {
        var (request, faults) = Parse(MnistServer.Body(TestDigits.Base64(1), TestDigits.Base64(2), TestDigits.Base64(3)));
        var images = RequestParser.Decode(request!, new byte[3 * DigitImage.PixelCount], faults);

        Assert.That(faults.Any, Is.False);
        Assert.That(images.Select(image => image.Pixels.ToArray()), Is.EqualTo(new[] { TestDigits.Pixels(1), TestDigits.Pixels(2), TestDigits.Pixels(3) }));
    }

    private static (ClassifyRequest? Request, ValidationErrors Faults) Parse(string body, bool normalize = false)
    {
        var faults = new ValidationErrors();
        var parser = new RequestParser(Options);
        return (parser.Parse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), normalize, faults), faults);
    }
}
