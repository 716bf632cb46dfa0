/**
 * VERSION DESCRIPTOR values by the standards they stand for (SPC-5, "Version descriptor values", and the list that T10
 * keeps), with the names that sg_inq 1.46 prints, slips included: scripts look for the words.
 */
const TABLE = `
0020 SAM (no version claimed)
003b SAM T10/0994-D revision 18
003c SAM ANSI INCITS 270-1996
0040 SAM-2 (no version claimed)
0054 SAM-2 T10/1157-D revision 23
0055 SAM-2 T10/1157-D revision 24
005c SAM-2 ANSI INCITS 366-2003
005e SAM-2 ISO/IEC 14776-412
0060 SAM-3 (no version claimed)
0062 SAM-3 T10/1561-D revision 7
0075 SAM-3 T10/1561-D revision 13
0076 SAM-3 T10/1561-D revision 14
0077 SAM-3 ANSI INCITS 402-2005
0080 SAM-4 (no version claimed)
0087 SAM-4 T10/1683-D revision 13
008b SAM-4 T10/1683-D revision 14
0090 SAM-4 ANSI INCITS 447-2008
0092 SAM-4 ISO/IEC 14776-414
00a0 SAM-5 (no version claimed)
00a2 SAM-5 T10/2104-D revision 4
00a4 SAM-5 T10/2104-D revision 20
00a6 SAM-5 T10/2104-D revision 21
00a8 SAM-5 ANSI INCITS 515-2016
00c0 SAM-6 (no version claimed)
0120 SPC (no version claimed)
013b SPC T10/0995-D revision 11a
013c SPC ANSI INCITS 301-1997
0140 MMC (no version claimed)
015b MMC T10/1048-D revision 10a
015c MMC ANSI INCITS 304-1997
0160 SCC (no version claimed)
017b SCC T10/1047-D revision 06c
017c SCC ANSI INCITS 276-1997
0180 SBC (no version claimed)
019b SBC T10/0996-D revision 08c
019c SBC ANSI INCITS 306-1998
01a0 SMC (no version claimed)
01bb SMC T10/0999-D revision 10a
01bc SMC ANSI INCITS 314-1998
01be SMC ISO/IEC 14776-351
01c0 SES (no version claimed)
01db SES T10/1212-D revision 08b
01dc SES ANSI INCITS 305-1998
01dd SES T10/1212-D revision 08b w/ Amendment ANSI INCITS.305/AM1:2000
01de SES ANSI INCITS 305-1998 w/ Amendment ANSI INCITS.305/AM1:2000
01e0 SCC-2 (no version claimed}
01fb SCC-2 T10/1125-D revision 04
01fc SCC-2 ANSI INCITS 318-1998
0200 SSC (no version claimed)
0201 SSC T10/0997-D revision 17
0207 SSC T10/0997-D revision 22
021c SSC ANSI INCITS 335-2000
0220 RBC (no version claimed)
0238 RBC T10/1240-D revision 10a
023c RBC ANSI INCITS 330-2000
0240 MMC-2 (no version claimed)
0255 MMC-2 T10/1228-D revision 11
025b MMC-2 T10/1228-D revision 11a
025c MMC-2 ANSI INCITS 333-2000
0260 SPC-2 (no version claimed)
0267 SPC-2 T10/1236-D revision 12
0269 SPC-2 T10/1236-D revision 18
0275 SPC-2 T10/1236-D revision 19
0276 SPC-2 T10/1236-D revision 20
0277 SPC-2 ANSI INCITS 351-2001
0278 SPC-2 ISO/IEC 14776-452
0280 OCRW (no version claimed)
029e OCRW ISO/IEC 14776-381
02a0 MMC-3 (no version claimed)
02b5 MMC-3 T10/1363-D revision 9
02b6 MMC-3 T10/1363-D revision 10g
02b8 MMC-3 ANSI INCITS 360-2002
02e0 SMC-2 (no version claimed)
02f5 SMC-2 T10/1383-D revision 5
02fc SMC-2 T10/1383-D revision 6
02fd SMC-2 T10/1383-D revision 7
02fe SMC-2 ANSI INCITS 382-2004
0300 SPC-3 (no version claimed)
0301 SPC-3 T10/1416-D revision 7
0307 SPC-3 T10/1416-D revision 21
030f SPC-3 T10/1416-D revision 22
0312 SPC-3 T10/1416-D revision 23
0314 SPC-3 ANSI INCITS 408-2005
0316 SPC-3 ISO/IEC 14776-453
0320 SBC-2 (no version claimed)
0322 SBC-2 T10/1417-D revision 5a
0324 SBC-2 T10/1417-D revision 15
033b SBC-2 T10/1417-D revision 16
033d SBC-2 ANSI INCITS 405-2005
033e SBC-2 ISO/IEC 14776-322
0340 OSD (no version claimed)
0341 OSD T10/1355-D revision 0
0342 OSD T10/1355-D revision 7a
0343 OSD T10/1355-D revision 8
0344 OSD T10/1355-D revision 9
0355 OSD T10/1355-D revision 10
0356 OSD ANSI INCITS 400-2004
0360 SSC-2 (no version claimed)
0374 SSC-2 T10/1434-D revision 7
0375 SSC-2 T10/1434-D revision 9
037d SSC-2 ANSI INCITS 380-2003
0380 BCC (no version claimed)
03a0 MMC-4 (no version claimed)
03b0 MMC-4 T10/1545-D revision 5
03b1 MMC-4 T10/1545-D revision 5a
03bd MMC-4 T10/1545-D revision 3
03be MMC-4 T10/1545-D revision 3d
03bf MMC-4 ANSI INCITS 401-2005
03c0 ADC (no version claimed)
03d5 ADC T10/1558-D revision 6
03d6 ADC T10/1558-D revision 7
03d7 ADC ANSI INCITS 403-2005
03e0 SES-2 (no version claimed)
03e1 SES-2 T10/1559-D revision 16
03e7 SES-2 T10/1559-D revision 19
03eb SES-2 T10/1559-D revision 20
03f0 SES-2 ANSI INCITS 448-2008
03f2 SES-2 ISO/IEC 14776-372
0400 SSC-3 (no version claimed)
0403 SSC-3 T10/1611-D revision 04a
0407 SSC-3 T10/1611-D revision 05
0409 SSC-3 ANSI INCITS 467-2011
040b SSC-3 ISO/IEC 14776-333:2013
0420 MMC-5 (no version claimed)
042f MMC-5 T10/1675-D revision 03
0431 MMC-5 T10/1675-D revision 03b
0432 MMC-5 T10/1675-D revision 04
0434 MMC-5 ANSI INCITS 430-2007
0440 OSD-2 (no version claimed)
0444 OSD-2 T10/1729-D revision 4
0446 OSD-2 T10/1729-D revision 5
0448 OSD-2 ANSI INCITS 458-2011
0460 SPC-4 (no version claimed)
0461 SPC-4 T10/BSR INCITS 513 revision 16
0462 SPC-4 T10/BSR INCITS 513 revision 18
0463 SPC-4 T10/BSR INCITS 513 revision 23
0466 SPC-4 T10/BSR INCITS 513 revision 36
0468 SPC-4 T10/BSR INCITS 513 revision 37
0469 SPC-4 T10/BSR INCITS 513 revision 37a
046c SPC-4 ANSI INCITS 513-2015
0480 SMC-3 (no version claimed)
0482 SMC-3 T10/1730-D revision 15
0484 SMC-3 T10/1730-D revision 16
0486 SMC-3 ANSI INCITS 484-2012
04a0 ADC-2 (no version claimed)
04a7 ADC-2 T10/1741-D revision 7
04aa ADC-2 T10/1741-D revision 8
04ac ADC-2 ANSI INCITS 441-2008
04c0 SBC-3 (no version claimed)
04c3 SBC-3 T10/BSR INCITS 514 revision 35
04c5 SBC-3 T10/BSR INCITS 514 revision 36
04c8 SBC-3 ANSI INCITS 514-2014
04e0 MMC-6 (no version claimed)
04e3 MMC-6 T10/1836-D revision 2b
04e5 MMC-6 T10/1836-D revision 02g
04e6 MMC-6 ANSI INCITS 468-2010
04e7 MMC-6 ANSI INCITS 468-2010 + MMC-6/AM1 ANSI INCITS 468-2010/AM 1
0500 ADC-3 (no version claimed)
0502 ADC-3 T10/1895-D revision 04
0504 ADC-3 T10/1895-D revision 05
0506 ADC-3 T10/1895-D revision 05a
050a ADC-3 ANSI INCITS 497-2012
0520 SSC-4 (no version claimed)
0523 SSC-4 T10/BSR INCITS 516 revision 2
0525 SSC-4 T10/BSR INCITS 516 revision 3
0527 SSC-4 SSC-4 ANSI INCITS 516-2013
0560 OSD-3 (no version claimed)
0580 SES-3 (no version claimed)
0582 SES-3 T10/BSR INCITS 518 revision 13
0584 SES-3 T10/BSR INCITS 518 revision 14
05a0 SSC-5 (no version claimed)
05c0 SPC-5 (no version claimed)
05e0 SFSC (no version claimed)
05e3 SFSC BSR INCITS 501 revision 01
05e5 SFSC BSR INCITS 501 revision 02
05e8 SFSC ANSI INCITS 501-2016
0600 SBC-4 (no version claimed)
0620 ZBC (no version claimed)
0622 ZBC BSR INCITS 536 revision 02
0624 ZBC BSR INCITS 536 revision 05
0640 ADC-4 (no version claimed)
0660 ZBC-2 (no version claimed)
0680 SES-4 (no version claimed)
0820 SSA-TL2 (no version claimed)
083b SSA-TL2 T10/1147-D revision 05b
083c SSA-TL2 ANSI INCITS 308-1998
0840 SSA-TL1 (no version claimed)
085b SSA-TL1 T10/0989-D revision 10b
085c SSA-TL1 ANSI INCITS 295-1996
0860 SSA-S3P (no version claimed)
087b SSA-S3P T10/1051-D revision 05b
087c SSA-S3P ANSI INCITS 309-1998
0880 SSA-S2P (no version claimed)
089b SSA-S2P T10/1121-D revision 07b
089c SSA-S2P ANSI INCITS 294-1996
08a0 SIP (no version claimed)
08bb SIP T10/0856-D revision 10
08bc SIP ANSI INCITS 292-1997
08c0 FCP (no version claimed)
08db FCP T10/0856-D revision 12
08dc FCP ANSI INCITS 269-1996
08e0 SBP-2 (no version claimed)
08fb SBP-2 T10/1155-D revision 04
08fc SBP-2 ANSI INCITS 325-1999
0900 FCP-2 (no version claimed)
0901 FCP-2 T10/1144-D revision 4
0915 FCP-2 T10/1144-D revision 7
0916 FCP-2 T10/1144-D revision 7a
0917 FCP-2 ANSI INCITS 350-2003
0918 FCP-2 T10/1144-D revision 8
0920 SST (no version claimed)
0935 SST T10/1380-D revision 8b
0940 SRP (no version claimed)
0954 SRP T10/1415-D revision 10
0955 SRP T10/1415-D revision 16a
095c SRP ANSI INCITS 365-2002
0960 iSCSI (no version claimed)
0961 iSCSI RFC 7143
0962 iSCSI RFC 7144
0980 SBP-3 (no version claimed)
0982 SBP-3 T10/1467-D revision 1f
0994 SBP-3 T10/1467-D revision 3
099a SBP-3 T10/1467-D revision 4
099b SBP-3 T10/1467-D revision 5
099c SBP-3 ANSI INCITS 375-2004
09a0 SRP-2 (no version claimed)
09c0 ADP (no version claimed)
09e0 ADT (no version claimed)
09f9 ADT T10/1557-D revision 11
09fa ADT T10/1557-D revision 14
09fd ADT ANSI INCITS 406-2005
0a00 FCP-3 (no version claimed)
0a07 FCP-3 T10/1560-D revision 3f
0a0f FCP-3 T10/1560-D revision 4
0a11 FCP-3 ANSI INCITS 416-2006
0a1c FCP-3 ISO/IEC 14776-223
0a20 ADT-2 (no version claimed)
0a22 ADT-2 T10/1742-D revision 06
0a27 ADT-2 T10/1742-D revision 08
0a28 ADT-2 T10/1742-D revision 09
0a2b ADT-2 ANSI INCITS 472-2011
0a40 FCP-4 (no version claimed)
0a42 FCP-4 T10/1828-D revision 01
0a44 FCP-4 T10/1828-D revision 02
0a45 FCP-4 T10/1828-D revision 02b
0a46 FCP-4 ANSI INCITS 481-2012
0a60 ADT-3 (no version claimed)
0aa0 SPI (no version claimed)
0ab9 SPI T10/0855-D revision 15a
0aba SPI ANSI INCITS 253-1995
0abb SPI T10/0855-D revision 15a with SPI Amnd revision 3a
0abc SPI ANSI INCITS 253-1995 with SPI Amnd ANSI INCITS 253/AM1:1998
0ac0 Fast-20 (no version claimed)
0adb Fast-20 T10/1071-D revision 06
0adc Fast-20 ANSI INCITS 277-1996
0ae0 SPI-2 (no version claimed)
0afb SPI-2 T10/1142-D revision 20b
0afc SPI-2 ANSI INCITS 302-1999
0b00 SPI-3 (no version claimed)
0b18 SPI-3 T10/1302-D revision 10
0b19 SPI-3 T10/1302-D revision 13a
0b1a SPI-3 T10/1302-D revision 14
0b1c SPI-3 ANSI INCITS 336-2000
0b20 EPI (no version claimed)
0b3b EPI T10/1134-D revision 16
0b3c EPI ANSI INCITS TR-23 1999
0b40 SPI-4 (no version claimed)
0b54 SPI-4 T10/1365-D revision 7
0b55 SPI-4 T10/1365-D revision 9
0b56 SPI-4 ANSI INCITS 362-2002
0b59 SPI-4 T10/1365-D revision 10
0b60 SPI-5 (no version claimed)
0b79 SPI-5 T10/1525-D revision 3
0b7a SPI-5 T10/1525-D revision 5
0b7b SPI-5 T10/1525-D revision 6
0b7c SPI-5 ANSI INCITS 367-2004
0be0 SAS (no version claimed)
0be1 SAS T10/1562-D revision 01
0bf5 SAS T10/1562-D revision 03
0bfa SAS T10/1562-D revision 04
0bfb SAS T10/1562-D revision 04
0bfc SAS T10/1562-D revision 05
0bfd SAS ANSI INCITS 376-2003
0c00 SAS-1.1 (no version claimed)
0c07 SAS-1.1 T10/1602-D revision 9
0c0f SAS-1.1 T10/1602-D revision 10
0c11 SAS-1.1 ANSI INCITS 417-2006
0c12 SAS-1.1 ISO/IEC 14776-151
0c20 SAS-2 (no version claimed)
0c23 SAS-2 T10/1760-D revision 14
0c27 SAS-2 T10/1760-D revision 15
0c28 SAS-2 T10/1760-D revision 16
0c2a SAS-2 ANSI INCITS 457-2010
0c40 SAS-2.1 (no version claimed)
0c48 SAS-2.1 T10/2125-D revision 04
0c4a SAS-2.1 T10/2125-D revision 06
0c4b SAS-2.1 T10/2125-D revision 07
0c4e SAS-2.1 ANSI INCITS 478-2011
0c4f SAS-2.1 ANSI INCITS 478-2011 w/ Amnd 1 ANSI INCITS 478/AM1-2014
0c52 SAS-2.1 ISO/IEC 14776-153
0c60 SAS-3 (no version claimed)
0c63 SAS-3 T10/BSR INCITS 519 revision 05a
0c65 SAS-3 T10/BSR INCITS 519 revision 06
0c68 SAS-3 ANSI INCITS 519-2014
0c80 SAS-4 (no version claimed)
0c82 SAS-4 T10/BSR INCITS 534 revision 08a
0d20 FC-PH (no version claimed)
0d3b FC-PH ANSI INCITS 230-1994
0d3c FC-PH ANSI INCITS 230-1994 with Amnd 1 ANSI INCITS 230/AM1:1996
0d40 FC-AL (no version claimed)
0d5c FC-AL ANSI INCITS 272-1996
0d60 FC-AL-2 (no version claimed)
0d61 FC-AL-2 T11/1133-D revision 7.0
0d63 FC-AL-2 ANSI INCITS 332-1999 with AM1-2003 & AM2-2006
0d64 FC-AL-2 ANSI INCITS 332-1999 with Amnd 2 AM2-2006
0d65 FC-AL-2 ISO/IEC 14165-122 with AM1 & AM2
0d7c FC-AL-2 ANSI INCITS 332-1999
0d7d FC-AL-2 ANSI INCITS 332-1999 with Amnd 1 AM1:2002
0d80 FC-PH-3 (no version claimed)
0d9c FC-PH-3 ANSI INCITS 303-1998
0da0 FC-FS (no version claimed)
0db7 FC-FS T11/1331-D revision 1.2
0db8 FC-FS T11/1331-D revision 1.7
0dbc FC-FS ANSI INCITS 373-2003
0dbd FC-FS ISO/IEC 14165-251
0dc0 FC-PI (no version claimed)
0ddc FC-PI ANSI INCITS 352-2002
0de0 FC-PI-2 (no version claimed)
0de2 FC-PI-2 T11/1506-D revision 5.0
0de4 FC-PI-2 ANSI INCITS 404-2006
0e00 FC-FS-2 (no version claimed)
0e02 FC-FS-2 ANSI INCITS 242-2007
0e03 FC-FS-2 ANSI INCITS 242-2007 with AM1 ANSI INCITS 242/AM1-2007
0e20 FC-LS (no version claimed)
0e21 FC-LS T11/1620-D revision 1.62
0e29 FC-LS ANSI INCITS 433-2007
0e40 FC-SP (no version claimed)
0e42 FC-SP T11/1570-D revision 1.6
0e45 FC-SP ANSI INCITS 426-2007
0e60 FC-PI-3 (no version claimed)
0e62 FC-PI-3 T11/1625-D revision 2.0
0e68 FC-PI-3 T11/1625-D revision 2.1
0e6a FC-PI-3 T11/1625-D revision 4.0
0e6e FC-PI-3 ANSI INCITS 460-2011
0e80 FC-PI-4 (no version claimed)
0e82 FC-PI-4 T11/1647-D revision 8.0
0e88 FC-PI-4 ANSI INCITS 450 -2009
0ea0 FC 10GFC (no version claimed)
0ea2 FC 10GFC ANSI INCITS 364-2003
0ea3 FC 10GFC ISO/IEC 14165-116
0ea5 FC 10GFC ISO/IEC 14165-116 with AM1
0ea6 FC 10GFC ANSI INCITS 364-2003 with AM1 ANSI INCITS 364/AM1-2007
0ec0 FC-SP-2 (no version claimed)
0ee0 FC-FS-3 (no version claimed)
0ee2 FC-FS-3 T11/1861-D revision 0.9
0ee7 FC-FS-3 T11/1861-D revision 1.0
0ee9 FC-FS-3 T11/1861-D revision 1.10
0eeb FC-FS-3 ANSI INCITS 470-2011
0f00 FC-LS-2 (no version claimed)
0f03 FC-LS-2 T11/2103-D revision 2.11
0f05 FC-LS-2 T11/2103-D revision 2.21
0f07 FC-LS-2 ANSI INCITS 477-2011
0f20 FC-PI-5 (no version claimed)
0f27 FC-PI-5 T11/2118-D revision 2.00
0f28 FC-PI-5 T11/2118-D revision 3.00
0f2a FC-PI-5 T11/2118-D revision 6.00
0f2b FC-PI-5 T11/2118-D revision 6.10
0f2e FC-PI-5 ANSI INCITS 479-2011
0f40 FC-PI-6 (no version claimed)
0f60 FC-FS-4 (no version claimed)
0f80 FC-LS-3 (no version claimed)
12a0 FC-SCM (no version claimed)
12a3 FC-SCM T11/1824DT revision 1.0
12a5 FC-SCM T11/1824DT revision 1.1
12a7 FC-SCM T11/1824DT revision 1.4
12aa FC-SCM INCITS TR-47 2012
12c0 FC-DA-2 (no version claimed)
12c3 FC-DA-2 T11/1870DT revision 1.04
12c5 FC-DA-2 T11/1870DT revision 1.06
12c9 FC-DA-2 INCITS TR-49 2012
12e0 FC-DA (no version claimed)
12e2 FC-DA T11/1513-DT revision 3.1
12e8 FC-DA ANSI INCITS TR-36 2004
12e9 FC-DA ISO/IEC 14165-341
1300 FC-Tape (no version claimed)
1301 FC-Tape T11/1315-D revision 1.16
131b FC-Tape T11/1315-D revision 1.17
131c FC-Tape ANSI INCITS TR-24 1999
1320 FC-FLA (no version claimed)
133b FC-FLA T11/1235-D revision 7
133c FC-FLA ANSI INCITS TR-20 1998
1340 FC-PLDA (no version claimed)
135b FC-PLDA T11/1162-D revision 2.1
135c FC-PLDA ANSI INCITS TR-19 1998
1360 SSA-PH2 (no version claimed)
137b SSA-PH2 T10/1145-D revision 09c
137c SSA-PH2 ANSI INCITS 293-1996
1380 SSA-PH3 (no version claimed)
139b SSA-PH3 T10/1146-D revision 05b
139c SSA-PH3 ANSI INCITS 307-1998
14a0 IEEE 1394 (no version claimed)
14bd ANSI IEEE 1394:1995
14c0 IEEE 1394a (no version claimed)
14e0 IEEE 1394b (no version claimed)
15e0 ATA/ATAPI-6 (no version claimed)
15fd ATA/ATAPI-6 ANSI INCITS 361-2002
1600 ATA/ATAPI-7 (no version claimed)
1602 ATA/ATAPI-7 T13/1532-D revision 3
161c ATA/ATAPI-7 ANSI INCITS 397-2005
161e ATA/ATAPI-7 ISO/IEC 24739
1620 ATA/ATAPI-8 ATA-AAM Architecture model (no version claimed)
1621 ATA/ATAPI-8 ATA-PT Parallel transport (no version claimed)
1622 ATA/ATAPI-8 ATA-AST Serial transport (no version claimed)
1623 ATA/ATAPI-8 ATA-ACS ATA/ATAPI command set (no version claimed)
1628 ATA/ATAPI-8 ATA-AAM ANSI INCITS 451-2008
162a ATA/ATAPI-8 ATA8-ACS ANSI INCITS 452-2009 w/ Amendment 1
1728 Universal Serial Bus Specification, Revision 1.1
1729 Universal Serial Bus Specification, Revision 2.0
1730 USB Mass Storage Class Bulk-Only Transport, Revision 1.0
1740 UAS (no version claimed)
1743 UAS T10/2095-D revision 02
1747 UAS T10/2095-D revision 04
1748 UAS ANSI INCITS 471-2010
1749 UAS ISO/IEC 14776-251:2014
1761 ACS-2 (no version claimed)
1762 ACS-2 ANSI INCITS 482-2013
1765 ACS-3 INCITS 522-2014
1767 ACS-4 INCITS 529-2018
1780 UAS-2 (no version claimed)
1ea0 SAT (no version claimed)
1ea7 SAT T10/1711-D rev 8
1eab SAT T10/1711-D rev 9
1ead SAT ANSI INCITS 431-2007
1ec0 SAT-2 (no version claimed)
1ec4 SAT-2 T10/1826-D revision 06
1ec8 SAT-2 T10/1826-D revision 09
1eca SAT-2 ANSI INCITS 465-2010
1ee0 SAT-3 (no version claimed)
1ee2 SAT-3 T10/BSR INCITS 517 revision 4
1ee4 SAT-3 T10/BSR INCITS 517 revision 7
1ee8 SAT-3 ANSI INCITS 517-2015
1f00 SAT-4 (no version claimed)
1f02 SAT-4 T10/BSR INCITS 491 revision 5
1f04 SAT-4 T10/BSR INCITS 491 revision 6
20a0 SPL (no version claimed)
20a3 SPL T10/2124-D revision 6a
20a5 SPL T10/2124-D revision 7
20a7 SPL ANSI INCITS 476-2011
20a8 SPL ANSI INCITS 476-2011 + SPL AM1 INCITS 476/AM1 2012
20aa SPL ISO/IEC 14776-261:2012
20c0 SPL-2 (no version claimed)
20c2 SPL-2 T10/BSR INCITS 505 revision 4
20c4 SPL-2 T10/BSR INCITS 505 revision 5
20c8 SPL-2 ANSI INCITS 505-2013
20e0 SPL-3 (no version claimed)
20e4 SPL-3 T10/BSR INCITS 492 revision 6
20e6 SPL-3 T10/BSR INCITS 492 revision 7
20e8 SPL-3 ANSI INCITS 492-2015
2100 SPL-4 (no version claimed)
2102 SPL-4 T10/BSR INCITS 538 revision 08a
2104 SPL-4 T10/BSR INCITS 538 revision 10
2105 SPL-4 T10/BSR INCITS 538 revision 11
2120 SPL-5 (no version claimed)
21e0 SOP (no version claimed)
21e4 SOP T10/BSR INCITS 489 revision 4
21e6 SOP T10/BSR INCITS 489 revision 5
21e8 SOP ANSI INCITS 489-2014
2200 PQI (no version claimed)
2204 PQI T10/BSR INCITS 490 revision 6
2206 PQI T10/BSR INCITS 490 revision 7
2208 PQI ANSI INCITS 490-2014
2220 SOP-2 (no draft published)
2240 PQI-2 (no version claimed)
2242 PQI-2 T10/BSR INCITS 507 revision 01
2244 PQI-2 PQI-2 ANSI INCITS 507-2016
ffc0 IEEE 1667 (no version claimed)
ffc1 IEEE 1667-2006
ffc2 IEEE 1667-2009
ffc3 IEEE 1667-2015
ffc4 IEEE 1667-2018
`;

let names: ReadonlyMap<number, string> | undefined;

/** The standard that a version descriptor stands for; undefined where nobody knows it. */
export function versionDescriptorName(code: number): string | undefined {
  names ??= new Map(
    TABLE.trim()
      .split('\n')
      .map((line) => [Number.parseInt(line.slice(0, 4), 16), line.slice(5)]),
  );
  return names.get(code);
}
