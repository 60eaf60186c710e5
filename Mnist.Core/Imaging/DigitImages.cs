using System.Collections;

namespace Mnist.Core.Imaging;

/// <summary>
/// The images of one request, one behind the other in one array; each is made when it is asked for. A request that waits in the queue is a few objects
/// for the garbage collector to move, and not a few for each image.
/// </summary>
/// <param name="pixels">[N,28,28].</param>
internal sealed class DigitImages(ReadOnlyMemory<byte> pixels) : IReadOnlyList<DigitImage>
{
    public int Count => pixels.Length / DigitImage.PixelCount;

    public DigitImage this[int index] => new(pixels.Slice(index * DigitImage.PixelCount, DigitImage.PixelCount));

    public IEnumerator<DigitImage> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
