using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.SystemTests.Inference;

/// <summary>
/// The test assembly as a program: it runs kernels in memory that ends or begins at an inaccessible page. A kernel that reads or writes out of bounds
/// crashes the process, so <see cref="GuardPageTests"/> starts one of its own.
/// </summary>
internal static class GuardedProgram
{
    /// <summary>Every network and vector width.</summary>
    public const string Engine = "engine";

    /// <summary>A kernel whose input is one value too short.</summary>
    public const string ReadTooFar = "read-too-far";

    /// <summary>A kernel whose output is one value too short.</summary>
    public const string WriteTooFar = "write-too-far";

    private const int RandomNetworks = 12;

    /// <summary>One image; more images than a step group computes together on large grids; likewise on small grids.</summary>
    private static readonly int[] BatchSizes = [1, 6, 29];

    private static readonly Func<int, Memory<float>> Unguarded = AlignedBuffer.Allocate;

    private static int _buffers;

    public static int Main(string[] args)
    {
        var guard = Enum.Parse<Guard>(args[0]);
        switch (args[1])
        {
            case Engine:
                RunEngine(guard);
                break;
            case ReadTooFar:
                TransformTile(guard, missingInput: 1, missingOutput: 0);
                break;
            case WriteTooFar:
                TransformTile(guard, missingInput: 0, missingOutput: 1);
                break;
        }

        Console.WriteLine("done");
        return 0;
    }

    private static void RunEngine(Guard guard)
    {
        (string Name, NetworkWeights Weights)[] networks =
        [
            .. Architectures.ByName.Select(named => (named.Key, NetworkWeights.Random(named.Value, seed: 1))),
            .. Enumerable.Range(1, RandomNetworks).Select(seed => ($"random network {seed}", RandomNetwork.Create(seed))),
        ];
        foreach (var width in Enum.GetValues<VectorWidth>().Where(width => width <= VectorWidths.Best))
        {
            foreach (var (name, weights) in networks)
            {
                foreach (var algorithm in Enum.GetValues<ConvolutionAlgorithm>())
                {
                    foreach (int batchSize in BatchSizes)
                    {
                        Check($"{name}, {width}, {algorithm}, {batchSize} images", guard, () => Network.Create(weights, width, algorithm), batchSize);
                    }
                }
            }

            var cascade = RandomCascade.OfDigits(threshold: 1, temperature: 1);
            Check($"cascade, {width}", guard, () => Network.Create(cascade, width), batchSize: 7);
        }
    }

    /// <summary>The probabilities of random images are the same in guarded memory as elsewhere.</summary>
    private static void Check(string name, Guard guard, Func<Network> create, int batchSize)
    {
        // After a crash the last line names its case.
        Console.WriteLine(name);
        AlignedBuffer.Allocate = Unguarded;
        byte[] expected = Classify(create(), batchSize, length => new float[length], length => new byte[length]);

        int buffers = _buffers;
        AlignedBuffer.Allocate = length =>
        {
            _buffers++;
            return new GuardedMemory<float>(length, guard).Memory;
        };
        byte[] actual = Classify(
            create(), batchSize, length => new GuardedMemory<float>(length, guard).Memory, length => new GuardedMemory<byte>(length, guard).Memory);
        if (_buffers == buffers || !actual.AsSpan().SequenceEqual(expected))
        {
            throw new InvalidOperationException($"{name}: {_buffers - buffers} buffers of the engine were guarded, and the probabilities must be the same as elsewhere");
        }
    }

    private static byte[] Classify(Network network, int batchSize, Func<int, Memory<float>> floats, Func<int, Memory<byte>> bytes)
    {
        var pixels = bytes(batchSize * network.Input.Size).Span;
        new Random(1).NextBytes(pixels);
        var images = floats(pixels.Length).Span;
        var logits = floats(batchSize * network.ClassCount).Span;
        var probabilities = floats(logits.Length).Span;
        InputScale.ToFloat(pixels, images);
        network.Forward(images, batchSize, network.CreateWorkspace(batchSize), logits);
        Softmax.Rows(logits, network.ClassCount, probabilities);
        return MemoryMarshal.AsBytes(probabilities).ToArray();
    }

    /// <summary>Winograd transform of one tile whose input or output lacks its first or last value.</summary>
    private static void TransformTile(Guard guard, int missingInput, int missingOutput)
    {
        const int Channels = TensorLayout.Lanes;
        const int Length = SixPoints.Count * SixPoints.Count * Channels;
        var input = new GuardedMemory<float>(Length - missingInput, guard).GetSpan();
        var output = new GuardedMemory<float>(Length - missingOutput, guard).GetSpan();
        ref float firstInput = ref MemoryMarshal.GetReference(input);
        ref float firstOutput = ref MemoryMarshal.GetReference(output);
        int shift = guard == Guard.Before ? -1 : 0;
        Winograd.TransformInput<Vec256, SmallTile3x3>(
            ref Unsafe.Add(ref firstInput, shift * missingInput), SixPoints.Count * Channels, Channels,
            ref Unsafe.Add(ref firstOutput, shift * missingOutput), Channels,
            ref MemoryMarshal.GetArrayDataReference(new float[Winograd.ScratchLength]));
    }
}
