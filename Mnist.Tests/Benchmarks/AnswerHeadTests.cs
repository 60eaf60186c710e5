using System.Text;
using Mnist.Benchmarks.Http;

namespace Mnist.Tests.Benchmarks;

[TestFixture]
internal sealed class AnswerHeadTests
{
    private const string Whole = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n";

    [Test]
    public void Head_ThatHasArrived_TellsStatusAndBody() =>
        Assert.That(Read(Whole + "{\"a\""), Is.EqualTo(new AnswerHead(200, Whole.Length, 12, Closes: false)));

    [Test]
    public void Head_OfWhichAnyPartIsMissing_IsNotThereYet([Range(0, 70, 7)] int length) => Assert.That(Read(Whole[..Math.Min(length, Whole.Length - 1)]), Is.Null);

    [Test]
    public void Head_OfAConnectionThatEnds_SaysSo() =>
        Assert.That(Read("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")?.Closes, Is.True);

    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [TestCase("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n")]
    [TestCase("SSH-2.0\r\n\r\n")]
    public void Answer_OfAnotherKind_IsAnErrorThatShowsIt(string head) =>
        Assert.That(() => Read(head), Throws.TypeOf<InvalidDataException>().With.Message.Contains(head.Trim()));

    private static AnswerHead? Read(string received) => AnswerHead.TryRead(Encoding.ASCII.GetBytes(received));
}
